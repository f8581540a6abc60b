"""From the hundreds of styles of MAEST to the app's genres, by a table that a deployer can edit."""

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

#: What is music, but none of the ten genres.
OTHER: Final = "other"
NOT_MUSIC: Final = "not_music"
LABELS: Final = (*GENRES, OTHER)
_SEPARATOR: Final = "---"


@dataclass(frozen=True, slots=True)
class RollUpTable:
    """Which genre a style or a parent counts for.

    Attributes
    ----------
    genres : mapping of str to str
        From "Parent" or "Parent---Style" to one of the ten genres, ``"other"`` or ``"not_music"``.
    """

    genres: Mapping[str, str]

    @classmethod
    def from_file(cls, path: Path) -> "RollUpTable":
        """Read a table: TOML with one list of parents and styles for each genre.

        Raises
        ------
        ModelUnavailableError
            The file is missing or no TOML, names a genre that is none, or lists an entry twice.
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
        """Return the entries that name neither a style nor a parent of one: they are spelling mistakes."""
        known = {_plain(style) for style in styles}
        known |= {style.partition(_SEPARATOR)[0] for style in known}
        return sorted(self.genres.keys() - known)


class RollUp(nn.Module):
    """Style logits to genre logits and the log-odds that it is music.

    A genre's logit is the logarithm of its share of all the activation (the sum of the sigmoids) of styles of music,
    so that the softmax of the logits gives the shares back. The log-odds of music compare the activation of music with
    that of the styles that are none.

    Parameters
    ----------
    table : RollUpTable
        Which genre a style counts for.
    styles : sequence of str
        The network's labels, "Parent---Style", in output order.

    Raises
    ------
    ModelUnavailableError
        The table names what the model does not know, or leaves nothing to choose between.
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
        #: The genres that have a style at all, in the order of the columns.
        self.labels = tuple(label for label in LABELS if label in genres)
        if len(self.labels) < 2:
            raise ModelUnavailableError("The table of genres leaves fewer than two genres to choose between.")
        self.knows_other_sound = NOT_MUSIC in genres
        groups = (*self.labels, NOT_MUSIC) if self.knows_other_sound else self.labels
        self._members = [[index for index, genre in enumerate(genres) if genre == group] for group in groups]

    def forward(self, style_logits: Tensor) -> Tensor:
        """Turn logits of shape (n, number of styles) into one column for each label and, maybe, one for music."""
        # In logarithms throughout: the share of a genre that the model rules out is tiny and never zero.
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
    """Return a name with its accents in one form, as the model's own labels have them."""
    return normalize("NFKC", name.strip())
