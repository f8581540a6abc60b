"""MP4 files: M4A, M4B and the like."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from mutagen.mp4 import MP4, MP4FreeForm

from genre_app.collection.tagging.base import TaggedFile
from genre_app.collection.tagging.fields import Field, Values

_OWN: Final = "----:com.apple.iTunes:"
#: The atoms of a field, that which is written first. Freely named ones count without case.
_ATOMS: Final[Mapping[Field, tuple[str, ...]]] = {
    "genre": ("\xa9gen",),
    "styles": (f"{_OWN}STYLE",),
    "moods": (f"{_OWN}MOOD",),
    "tempo": ("tmpo",),
    "key": (f"{_OWN}initialkey", f"{_OWN}KEY"),
}


class AtomFile(TaggedFile):
    """An MP4 file.

    Parameters
    ----------
    path : Path
        The file.
    opened : mutagen.mp4.MP4
        The same, as mutagen read it. It takes a genre by number (``gnre``) for the name that the number stands for.
    """

    def __init__(self, path: Path, opened: MP4) -> None:
        super().__init__()
        self._path = path
        self.values = {field: _values(opened.tags or {}, field) for field in _ATOMS}

    def write(self, target: Path, values: Values) -> None:
        """Write the atoms; several values are several in one atom."""
        shutil.copyfile(self._path, target)
        file = MP4(target)
        if file.tags is None:
            file.add_tags()
        atoms: Any = file.tags
        for field, strings in values.items():
            for name in _there(atoms, field) or list(_ATOMS[field][:1]):
                if name.startswith(_OWN):
                    atoms[name] = [MP4FreeForm(text.encode()) for text in strings]
                else:
                    atoms[name] = [int(text) for text in strings] if field == "tempo" else list(strings)
        file.save()


def _values(atoms: Any, field: Field) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(value) for name in _there(atoms, field) for value in atoms[name]))


def _there(atoms: Any, field: Field) -> list[str]:
    names = {name.casefold() for name in _ATOMS[field]}
    return [name for name in atoms.keys() if name.casefold() in names]  # noqa: SIM118


def _text(value: object) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
