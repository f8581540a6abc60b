"""Roll up the styles of MAEST to the app's genres, by a table that a deployer can edit."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import torch
from torch import Tensor, nn
from torch.nn import functional

from genre_app.errors import ModelUnavailableError
from genre_app.genres import GENRES

#: Music outside the ten genres.
OTHER: Final = "other"
NOT_MUSIC: Final = "not_music"
LABELS: Final = (*GENRES, OTHER)
_SEPARATOR: Final = "---"


@dataclass(frozen=True, slots=True)
class RollUpTable:
    """The genre of each style or parent.

    Attributes
    ----------
    genres : mapping of str to str
        Maps "Parent" or "Parent---Style" to one of the ten genres, ``"other"`` or ``"not_music"``.
    """

    genres: Mapping[str, str]

    @classmethod
    def from_file(cls, path: Path) -> "RollUpTable":
        """Read a TOML file with a list of parents and styles for each genre.

        Raises
        ------
        ModelUnavailableError
            The file is missing or not TOML, has an unknown genre, or lists an entry twice.
        """
        try:
            lists = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelUnavailableError(f"The table of genres {path} cannot be read: {error}.") from error
        unknown = sorted(lists.keys() - {*LABELS, NOT_MUSIC})
        if unknown:
            known = ", ".join((*LABELS, NOT_MUSIC))
            raise ModelUnavailableError(f"The table {path} has no use for {unknown[0]!r}; it may have: {known}.")
        entries = [(_plain(entry), genre) for genre, listed in lists.items() for entry in _strings(listed, genre, path)]
        twice = [entry for entry, times in Counter(entry for entry, _ in entries).items() if times > 1]
        if twice:
            raise ModelUnavailableError(f"The table {path} lists {twice[0]!r} twice; leave it in one list only.")
        return cls(dict(entries))

    def genre_of(self, style: str) -> str:
        """Return the genre of a style: its own, else its parent's, else ``"other"``."""
        style = _plain(style)
        parent = style.partition(_SEPARATOR)[0]
        return self.genres.get(style, self.genres.get(parent, OTHER))

    def entries_without_style(self, styles: Sequence[str]) -> list[str]:
        """Return the entries that are neither a style nor a parent: spelling mistakes."""
        known = {_plain(style) for style in styles}
        known |= {style.partition(_SEPARATOR)[0] for style in known}
        return sorted(self.genres.keys() - known)


class RollUp(nn.Module):
    """Style logits to genre logits and the log-odds of music.

    A genre's logit is the logarithm of its share of the total activation (the sum of the sigmoids) of musical styles,
    so that the softmax of the logits gives the shares. The log-odds of music compare the activation of musical styles
    with that of the others.

    Parameters
    ----------
    table : RollUpTable
        The genre of each style.
    styles : sequence of str
        The network's labels, "Parent---Style", in output order.

    Raises
    ------
    ModelUnavailableError
        The table has entries that the model does not know, or leaves fewer than two genres.
    """

    def __init__(self, table: RollUpTable, styles: Sequence[str]) -> None:
        super().__init__()
        misspelt = table.entries_without_style(styles)
        if misspelt:
            raise ModelUnavailableError(
                f"The table of genres lists {misspelt[0]!r}, which the model does not know; "
                "write it as the model does, or take it out."
            )
        genres = [table.genre_of(style) for style in styles]
        #: Genres with at least one style, in the order of the columns.
        self.labels = tuple(label for label in LABELS if label in genres)
        if len(self.labels) < 2:
            raise ModelUnavailableError("The table of genres leaves fewer than two genres to choose between.")
        self.knows_other_sound = NOT_MUSIC in genres
        groups = (*self.labels, NOT_MUSIC) if self.knows_other_sound else self.labels
        self._members = [[index for index, genre in enumerate(genres) if genre == group] for group in groups]

    def forward(self, style_logits: Tensor) -> Tensor:
        """Turn logits of shape (n, number of styles) into a column for each label and, if it can, one for music."""
        # Logarithms throughout: the share of a genre that the model rules out is tiny but not zero.
        log_activation = functional.logsigmoid(style_logits)
        sums = torch.stack([log_activation[:, members].logsumexp(dim=1) for members in self._members], dim=1)
        music = sums[:, : len(self.labels)]
        shares = music.log_softmax(dim=1)
        if not self.knows_other_sound:
            return shares
        log_odds = music.logsumexp(dim=1, keepdim=True) - sums[:, -1:]
        return torch.cat([shares, log_odds], dim=1)


def _strings(listed: Any, genre: str, path: Path) -> list[str]:
    if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
        raise ModelUnavailableError(f"In the table {path}, {genre!r} must be a list of names in quotes.")
    return listed


def _plain(name: str) -> str:
    """Return a name stripped and in Unicode form NFKC, like the model's labels."""
    return normalize("NFKC", name.strip())
