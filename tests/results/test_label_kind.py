"""Genres, tags or other labels, from their names."""

from collections.abc import Sequence

import pytest

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.musicnn.tags_backend import MTT_TAGS
from genre_app.results.label_kind import LabelKind, kind_of

_FMA = ("Electronic", "Experimental", "Folk", "Hip-Hop", "Instrumental", "International", "Pop", "Rock")


@pytest.mark.parametrize(
    ("labels", "is_exclusive", "kind"),
    [
        (GENRES, True, "genre"),
        ((*GENRES, "other", "not_music"), True, "genre"),
        (_FMA, True, "genre"),
        (_FMA, False, "genre"),
        ((*MSD_TAGS, *MTT_TAGS), False, "tag"),
        (("happy", "sad", "angry"), False, "tag"),
        (("happy", "sad", "angry"), True, "label"),
        (("yes", "no", "up", "down", "_silence_"), True, "label"),
    ],
)
def test_the_kind_of_a_model_s_labels(labels: Sequence[str], is_exclusive: bool, kind: LabelKind) -> None:  # noqa: FBT001
    assert kind_of(labels, is_exclusive=is_exclusive) == kind
