"""Sound behind stray bytes: what a damaged download, a radio stream or a rescue program may leave in front of it.

FFmpeg looks for a format at the very start, and for MP3 frames within a megabyte.
"""

import re
from typing import BinaryIO, Final

#: How recordings begin: FLAC, Ogg, WAV, AIFF, CAF, MP4, Matroska, Windows Media and WavPack; and the header of a frame
#: of MP3, MP2 or AAC (ADTS).
_BEGINNING: Final = re.compile(
    rb"fLaC\x00\x00\x00\x22|OggS\x00\x02|RIFF....WAVE|FORM....AIF[FC]|caff\x00\x01\x00\x00|\x00\x00\x00.ftyp"
    rb"|\x1aE\xdf\xa3.{1,9}B\x86\x81\x01|0&\xb2u\x8ef\xcf\x11|wvpk....[\x02-\x10]\x04"
    rb"|\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd][\x10-\xeb]|\xff[\xf0\xf1\xf8\xf9].",
    re.DOTALL,
)
#: Files of these kinds may hold recordings, but are none.
_OTHER_KINDS: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"%PDF", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_SEARCHED_BYTES: Final = 64 * 2**20
_SEARCHED_AT_ONCE: Final = 1 << 20
#: In 64 MB of noise, some 16,000 places look like the header of a frame.
_MOST_CANDIDATES: Final = 100_000
#: Stray bytes look like a frame now and then, and never like so many in a row.
_FRAMES: Final = 10
_LONGEST_FRAME: Final = 1 << 13  # of ADTS, whose length has 13 bits
_KBIT_PER_S: Final = {
    # (is MPEG-1, layer): by the index in a header
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def first_sound(file: BinaryIO, start: int, end: int) -> int | None:
    """Find where a recording begins behind stray bytes.

    Parameters
    ----------
    file : BinaryIO
        The file.
    start, end : int
        The stretch to look at, in bytes; its first 64 MB are.

    Returns
    -------
    int or None
        A place in the file.
    """
    file.seek(0)
    if file.read(8).startswith(_OTHER_KINDS):
        return None
    place, end = start, min(end, start + _SEARCHED_BYTES)
    n_candidates = 0
    while place < end:
        file.seek(place)
        content = file.read(_SEARCHED_AT_ONCE + _FRAMES * _LONGEST_FRAME)
        for match in _BEGINNING.finditer(content):
            if match.start() >= _SEARCHED_AT_ONCE:
                break
            n_candidates += 1
            if n_candidates > _MOST_CANDIDATES:
                return None
            if content[match.start()] != 0xFF or _is_row_of_frames(content, match.start()):
                return place + match.start()
        place += _SEARCHED_AT_ONCE
    return None


def _is_row_of_frames(content: bytes, place: int) -> bool:
    first = _kind_of_frame(content[place : place + 4])
    for _ in range(_FRAMES):
        header = content[place : place + 6]
        if _kind_of_frame(header[:4]) != first or (n_bytes := _frame_bytes(header)) is None:
            return False
        place += n_bytes
    return True


def _kind_of_frame(header: bytes) -> bytes:
    """Return what all frames of a recording have in common: version, layer and rate."""
    if len(header) < 4:
        return b""
    is_adts = not header[1] & 0x06
    return bytes([header[1] & 0xFE, header[2] & (0xFC if is_adts else 0x0C)])


def _frame_bytes(header: bytes) -> int | None:
    """Return the length of a frame of MP3, MP2 or ADTS; None if this is no header of one."""
    if len(header) < 6 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    if layer == 4:  # ADTS
        n_bytes = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        return n_bytes if header[1] & 0xF0 == 0xF0 and n_bytes > 7 else None
    rate_index, bit_rate_index = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 1 or rate_index == 3 or bit_rate_index in {0, 15}:
        return None
    bits_per_s = 1000 * _KBIT_PER_S[version == 3, layer][bit_rate_index]
    frame_eighths = 144 if version == 3 or layer == 2 else 72
    return frame_eighths * bits_per_s // _RATES_HZ[version][rate_index] + (header[2] >> 1 & 1)
