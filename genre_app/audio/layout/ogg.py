"""Chained Ogg: recordings one behind the other, as internet radio sends them.

FFmpeg goes on with the first one's decoder, which fails where the next one has another rate or other channels.
Source: RFC 3533.
"""

from typing import BinaryIO, Final

from genre_app.audio.layout.part import Part

_CAPTURE: Final = b"OggS\0"
_HEADER_BYTES: Final = 27
_LONGEST_HEADER: Final = _HEADER_BYTES + 255
_IS_FIRST_PAGE: Final = 0x02
#: How the first page of a stream goes on; a damaged page that calls itself the first has none of these.
_CODECS: Final = (
    *(b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ", b"fLaC"),
    *(b"\x80theora", b"\x81theora", b"fishead\0", b"OVP80", b"PCM     "),
)
_SEARCHED_AT_ONCE: Final = 1 << 16
#: Opening a part costs a millisecond: what follows so many of them is one part, of which FFmpeg may hear the first.
_MOST_PARTS: Final = 1000
#: A page takes three microseconds; in a recording it holds some kilobytes.
_MOST_PAGES: Final = 1_000_000


def links(file: BinaryIO, start: int, end: int) -> list[Part]:
    """Find the links of a chain from page to page; a file that is no chain is one link.

    Parameters
    ----------
    file : BinaryIO
        The file.
    start, end : int
        The stretch to look at, in bytes.
    """
    starts = [start]
    is_in_headers = True  # several first pages together begin the streams of one link
    place = start
    for _ in range(_MOST_PAGES):
        if place >= end or len(starts) >= _MOST_PARTS:
            break
        page = _read(file, place, _LONGEST_HEADER + 8, end)
        if not page.startswith(_CAPTURE) or len(page) < _HEADER_BYTES:
            found = _next_page(file, place + 1, end)
            if found is None:
                break
            place = found
            continue
        n_segments = page[26]
        content = page[_HEADER_BYTES + n_segments :]
        begins = bool(page[5] & _IS_FIRST_PAGE) and content.startswith(_CODECS)
        if begins and not is_in_headers:
            starts.append(place)
        is_in_headers = begins
        place += _HEADER_BYTES + n_segments + sum(page[_HEADER_BYTES : _HEADER_BYTES + n_segments])
    return [Part(first, last) for first, last in zip(starts, [*starts[1:], end], strict=True)]


def _read(file: BinaryIO, place: int, n_bytes: int, end: int) -> bytes:
    file.seek(place)
    return file.read(min(n_bytes, end - place))


def _next_page(file: BinaryIO, place: int, end: int) -> int | None:
    """Search on for a page where the last one did not end at another."""
    while place < end:
        content = _read(file, place, _SEARCHED_AT_ONCE, end)
        if not content:
            return None
        if (found := content.find(_CAPTURE)) >= 0:
            return place + found
        place += max(len(content) - len(_CAPTURE) + 1, 1)
    return None
