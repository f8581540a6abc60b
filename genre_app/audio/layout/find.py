"""The recordings that a file holds."""

from typing import BinaryIO

from genre_app.audio.layout import chunks, ogg
from genre_app.audio.layout.part import Part


def find_parts(file: BinaryIO, start: int, end: int) -> list[Part]:
    """Find the stretches of a file that are recordings of their own; most files are one.

    Parameters
    ----------
    file : BinaryIO
        The file; its position is moved.
    start, end : int
        The stretch to look at, in bytes.

    Raises
    ------
    OSError
        The disk failed.
    """
    file.seek(start)
    head = file.read(12)
    if head.startswith(b"OggS"):
        return ogg.links(file, start, end)
    if head.startswith(chunks.SIGNATURES) or head[4:8] == b"ftyp":
        return chunks.parts(file, start, end)
    return [Part(start, end)]
