"""What a search for tracks left out, counted by kind."""

from collections import Counter
from pathlib import PurePath
from typing import Final

from genre_app.formatting import printable

#: Extensions of a kind, with the kind for one file and for several.
_KINDS: Final = {
    ("picture", "pictures"): "jpg jpeg jpe png gif webp bmp tif tiff heic heif avif svg",
    ("playlist", "playlists"): "m3u m3u8 pls cue xspf wpl asx",
    ("document", "documents"): "txt nfo md log lrc pdf rtf doc docx htm html",
    ("archive", "archives"): "zip rar 7z tar gz",
}
_KIND_OF: Final = {extension: kind for kind, extensions in _KINDS.items() for extension in extensions.split()}
#: Why files that belong to music are not taken.
_REASONS: Final = {
    "protected": "m4p aax aa",
    "notes, no sound": "mid midi kar mod xm it s3m",
    "cannot be read": "ac3 amr ape dff dsf dts mpc ra rm tak tta",
    "unfinished": "part crdownload tmp",
}
_REASON_OF: Final = {extension: reason for reason, extensions in _REASONS.items() for extension in extensions.split()}
#: Kinds that are named; the others are only counted.
_MOST_KINDS: Final = 6


class LeftOut:
    """Counts files by kind: ``12 pictures, 3 .m4p (protected), 2 hidden``."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, name: str) -> None:
        """Count a file by its name."""
        self._counts[_kind(name)] += 1

    def __str__(self) -> str:
        """Return the counts, the largest first; empty if nothing was left out."""
        counts = sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0]))
        parts = [f"{n} {one if n == 1 else several}" for (one, several), n in counts[:_MOST_KINDS]]
        n_others = sum(n for _, n in counts[_MOST_KINDS:])
        return ", ".join([*parts, *([f"{n_others} others"] if n_others else [])])


def _kind(name: str) -> tuple[str, str]:
    """Return the kind of a file, for one and for several."""
    if name.startswith("."):
        return "hidden", "hidden"
    extension = PurePath(name).suffix[1:].lower()
    if kind := _KIND_OF.get(extension):
        return kind
    if not extension:
        return "without an extension", "without an extension"
    reason = _REASON_OF.get(extension)
    shown = f".{printable(extension)[:12]}{f' ({reason})' if reason else ''}"
    return shown, shown
