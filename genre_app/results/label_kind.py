"""What a model's labels are, for the words in which its answer is given."""

from collections.abc import Collection
from typing import Final, Literal

from genre_app.genres import GENRES, canonical

#: Genres; tags, each of which stands alone; other labels that exclude each other, such as moods or spoken words.
LabelKind = Literal["genre", "tag", "label"]

#: Share of the labels that are among the ten in a model of genres. The tagging models name genres too: MusiCNN 8 of 92,
#: AudioSet fewer; of the 8 and 16 genres of the data set FMA it is 3 and 7.
_LEAST_SHARE_OF_GENRES: Final = 0.25


def kind_of(labels: Collection[str], *, is_exclusive: bool) -> LabelKind:
    """Tell what a model's labels are from their names, as no model states it.

    Parameters
    ----------
    labels : collection of str
        All labels of the model.
    is_exclusive : bool
        Whether one of them at most is true.
    """
    if are_genres(labels):
        return "genre"
    return "label" if is_exclusive else "tag"


def are_genres(labels: Collection[str]) -> bool:
    """Tell whether a model's labels are genres; a few others among them do not matter."""
    n_known = sum(canonical(label) in GENRES for label in labels)
    return n_known >= _LEAST_SHARE_OF_GENRES * len(labels)
