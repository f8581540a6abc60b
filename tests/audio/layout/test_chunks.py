"""Files made of chunks: sizes that are wrong, what stands behind the sound, and files that were joined."""

import struct
from io import BytesIO
from pathlib import Path

import pytest

from genre_app.audio.layout import chunks
from genre_app.audio.layout.part import Part
from tests.audio.recordings import encode_tone

EXTENSIONS = [".wav", ".aiff", ".caf", ".w64", ".m4a"]
#: How the chunk with the sound is found in the files of this test, and where behind its id the size stands.
SIZES = {".wav": (b"data", "<I"), ".aiff": (b"SSND", ">I"), ".caf": (b"data", ">q")}


def parts(content: bytes) -> list[Part]:
    return chunks.parts(BytesIO(content), 0, len(content))


def with_size(content: bytes, extension: str, n_bytes: int) -> bytes:
    """Write another size of the sound into a header."""
    name, size_format = SIZES[extension]
    place = content.index(name) + len(name)
    size = struct.pack(size_format, n_bytes)
    return content[:place] + size + content[place + len(size) :]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_an_honest_file_is_one_part_without_corrections(tmp_path: Path, extension: str) -> None:
    content = encode_tone(tmp_path / f"tone{extension}").read_bytes()
    assert parts(content) == [Part(0, len(content))]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_joined_files_are_parts(tmp_path: Path, extension: str) -> None:
    content = encode_tone(tmp_path / f"tone{extension}").read_bytes()
    n_bytes = len(content)
    assert parts(content * 3) == [Part(start, start + n_bytes) for start in (0, n_bytes, 2 * n_bytes)]


@pytest.mark.parametrize("extension", SIZES)
def test_sound_behind_its_chunk_is_part_of_it(tmp_path: Path, extension: str) -> None:
    content = with_size(encode_tone(tmp_path / f"tone{extension}").read_bytes(), extension, 44_100)
    (part,) = parts(content)
    assert (part.start, part.end) == (0, len(content))
    assert part.announced_share == pytest.approx(44_100 / len(content), rel=0.01)
    assert len(part.corrections) == 1


@pytest.mark.parametrize("extension", SIZES)
def test_a_truncated_file_says_how_much_it_announces(tmp_path: Path, extension: str) -> None:
    content = encode_tone(tmp_path / f"tone{extension}").read_bytes()
    (part,) = parts(content[: len(content) // 2])
    assert part.announced_share == pytest.approx(2, rel=0.01)
    assert part.corrections == ()


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x7FFF0000])
def test_a_size_that_was_never_filled_in_announces_nothing(tmp_path: Path, size: int) -> None:
    content = with_size(encode_tone(tmp_path / "tone.wav").read_bytes(), ".wav", size)
    assert parts(content) == [Part(0, len(content))]


@pytest.mark.parametrize(
    "behind",
    [
        b"LIST" + struct.pack("<I", 50_000) + bytes(50_000),
        b"LIST" + struct.pack("<I", 90_000) + bytes(50_000),  # cut off
        b"abcd" + struct.pack("<I", 50_000) + bytes(50_000),
        b"ID3\x04" + bytes(50_000),
        bytes(1000),
    ],
    ids=["tags", "half of the tags", "an unknown chunk", "an ID3 tag", "a few bytes"],
)
def test_what_is_no_sound_stays_out(tmp_path: Path, behind: bytes) -> None:
    content = encode_tone(tmp_path / "tone.wav").read_bytes() + behind
    assert [part.corrections for part in parts(content)] == [()]


def test_the_long_size_of_rf64_counts() -> None:
    sound = b"\x12\x34" * 50_000
    sizes = b"ds64" + struct.pack("<IQQQI", 28, 0, 1000, 0, 0)
    header = b"RF64" + b"\xff" * 4 + b"WAVE" + sizes + b"fmt " + struct.pack("<I", 16) + bytes(16)
    (part,) = parts(header + b"data" + b"\xff" * 4 + sound)
    assert part.corrections == ((28, struct.pack("<Q", len(sound))),)
    assert part.announced_share == 0.01


@pytest.mark.parametrize("padding", [b"", b"\0"])
def test_tags_behind_sound_of_an_odd_size_stay_out(padding: bytes) -> None:
    header = b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack("<I", 16) + bytes(16)
    tags = b"mine" + struct.pack("<I", 50_000) + bytes(50_000)
    sound = b"data" + struct.pack("<I", 99_999) + b"\x90" * 99_999
    assert [part.corrections for part in parts(header + sound + padding + tags)] == [()]


@pytest.mark.parametrize(
    "head", [b"RIFF", b"RIFF\0\0\0\0AVI ", b"RIFF\0\0\0\0WAVE", b"caff", b"FORM", b"riff", b"RF64"]
)
@pytest.mark.parametrize("rest", [b"", b"data", b"data\xff\xff\xff\xff", b"\xff" * 200, bytes(40_000)])
def test_headers_of_nonsense_are_one_part(head: bytes, rest: bytes) -> None:
    found = parts(head + rest)
    assert [(part.start, part.end) for part in found] == [(0, len(head + rest))]
