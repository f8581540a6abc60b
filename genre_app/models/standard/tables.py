"""The tables that say what the networks' classes mean for people: styles, tags, sounds, and what is music."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.yamnet.classes import AUDIOSET_CLASSES
from genre_app.results.model_info import DecisionRule

_KEYS: Final = {"classes", "tags", "threshold", "outside", "near"}


@dataclass(frozen=True, slots=True)
class Group:
    """One word for people, and what stands for it.

    Attributes
    ----------
    name : str
        The word.
    classes : tuple of int
        Indices into `genre_app.models.yamnet.classes.AUDIOSET_CLASSES`; the strongest speaks for the group.
    tags : tuple of int
        Indices into `genre_app.models.musicnn.genre_head.MSD_TAGS`.
    threshold : float
        What the group must reach to be named.
    outside : bool
        Whether music of this style is none of the ten genres.
    near : tuple of str
        Genres that this style does not contradict all the same.
    """

    name: str
    classes: tuple[int, ...]
    tags: tuple[int, ...] = ()
    threshold: float = 0.0
    outside: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundTable:
    """What is music, and what other sounds are called.

    Attributes
    ----------
    music : tuple of int
        Classes of AudioSet that speak for music.
    ignored : tuple of int
        Classes that speak neither for music nor against it.
    groups : tuple of Group
        Other sounds.
    """

    music: tuple[int, ...]
    ignored: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def other(self) -> tuple[int, ...]:
        """Classes that speak against music: all that are in neither list."""
        return tuple(sorted(set(range(len(AUDIOSET_CLASSES))) - set(self.music) - set(self.ignored)))


def read_groups(path: Path) -> tuple[Group, ...]:
    """Read a table of styles or tags.

    Raises
    ------
    ValueError
        If it is damaged, or names a class or tag that does not exist; the message says which.
    """
    return _groups(_parse(path), path.name)


def read_rule(path: Path) -> DecisionRule:
    """Read the thresholds of the verdict.

    Raises
    ------
    ValueError
        If the file is damaged or has other keys.
    """
    try:
        return DecisionRule(**_parse(path))
    except TypeError as error:
        raise ValueError(f"{path.name} holds other thresholds than the verdict's") from error


def read_sounds(path: Path) -> SoundTable:
    """Read the table of sounds.

    Raises
    ------
    ValueError
        As `read_groups`.
    """
    content = _parse(path)
    try:
        music = content["music"]
        return SoundTable(
            _indices(music["classes"], AUDIOSET_CLASSES, path.name),
            _indices(music["ignored"], AUDIOSET_CLASSES, path.name),
            _groups(content["sounds"], path.name),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} needs the tables [music] with classes and ignored, and [sounds]") from error


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error


def _groups(content: dict[str, Any], file: str) -> tuple[Group, ...]:
    """Read groups, one for each table of the content."""
    groups = []
    for name, row in content.items():
        if not isinstance(row, dict) or not set(row) <= _KEYS or not (row.get("classes") or row.get("tags")):
            raise ValueError(f"{file}: {name!r} needs classes or tags, and may have {', '.join(sorted(_KEYS))}")
        groups.append(
            Group(
                name=name,
                classes=_indices(row.get("classes", ()), AUDIOSET_CLASSES, file),
                tags=_indices(row.get("tags", ()), MSD_TAGS, file),
                threshold=float(row.get("threshold", 0.0)),
                outside=bool(row.get("outside", False)),
                near=tuple(row.get("near", ())),
            )
        )
    _refuse_doubles(groups, file)
    return tuple(groups)


def _refuse_doubles(groups: Iterable[Group], file: str) -> None:
    seen: set[int] = set()
    for group in groups:
        if seen & set(group.classes):
            raise ValueError(f"{file}: a class of {group.name!r} stands in another group too")
        seen |= set(group.classes)


def _indices(names: Sequence[str], known: Sequence[str], file: str) -> tuple[int, ...]:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{file}: there is no class {unknown[0]!r}")
    return tuple(known.index(name) for name in names)
