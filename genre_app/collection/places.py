"""Naming the outputs of tracks."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from genre_app.collection.tracks import Track, absolute
from genre_app.formatting import printable

#: File systems allow 255 bytes; this leaves room for an extension and a number.
_MAX_NAME_BYTES: Final = 240
#: Characters that Windows allows in no name.
_FORBIDDEN: Final = re.compile(r'[<>:"|?*\\]')
#: Names that are devices to Windows, with any extension.
_DEVICE: Final = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)")
_STAND_IN: Final = "_"


def name_outputs(tracks: Iterable[Track], extensions: Sequence[str], *, taken: Iterable[str] = ()) -> list[Track]:
    """Assign places whose outputs cannot collide, even on case-insensitive file systems.

    Parameters
    ----------
    tracks : iterable of Track
        Repeated paths are dropped.
    extensions : sequence of str
        Suffixes that name a place's outputs, such as ``".json"``.
    taken : iterable of str
        Names of other files in the output folder.

    Returns
    -------
    list of Track
        Places that would collide are numbered (``song.mp3-2``); places that are too long are shortened.
    """
    unique = list({absolute(track.path): track for track in tracks}.values())
    used = {folded(PurePosixPath(name)) for name in taken}
    used |= {folded(parent) for track in unique for parent in _shortened(track.place).parents}
    named = []
    for track in unique:
        base = _shortened(track.place)
        place, count = base, 1
        while used & (names := {folded(place.with_name(f"{place.name}{extension}")) for extension in extensions}):
            count += 1
            place = base.with_name(f"{base.name}-{count}")
        used |= names
        named.append(Track(track.path, place))
    return named


def portable(name: str) -> str:
    """Mend a file's name, without folders, so that every operating system takes it: ``AUX: "1".`` is ``_AUX_ _1__``."""
    mended = _FORBIDDEN.sub(_STAND_IN, printable(name.replace("/", _STAND_IN), replacement=_STAND_IN))
    stem = mended.rstrip(". ")
    mended = stem + _STAND_IN * (len(mended) - len(stem))
    return f"{_STAND_IN}{mended}" if _DEVICE.match(mended) else mended


def folded(place: PurePosixPath) -> str:
    """Return a path so spelt that file systems which ignore case, or mend accents, take equal ones for one."""
    return unicodedata.normalize("NFC", str(place)).casefold()


def _shortened(place: PurePosixPath) -> PurePosixPath:
    name = place.name.encode()
    if len(name) <= _MAX_NAME_BYTES:
        return place
    digest = hashlib.sha256(name).hexdigest()[:8]
    return place.with_name(f"{name[: _MAX_NAME_BYTES - 9].decode('utf-8', 'ignore')}~{digest}")
