"""Sound behind stray bytes."""

import random
import time
from io import BytesIO
from pathlib import Path

import pytest

from genre_app.audio.layout.search import first_sound
from tests.audio.recordings import FORMATS, encode, encode_tone, tone

STRAY = {
    "zeros": bytes(5000),
    "noise": random.Random(1).randbytes(1_200_000),
    "ones": b"\xff" * 5000,
    "text": b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n",
}


def search(content: bytes, start: int = 0) -> int | None:
    return first_sound(BytesIO(content), start, len(content))


@pytest.mark.parametrize("extension", sorted(set(FORMATS) - {".w64", ".au", ".snd", ".avi"}))
def test_every_kind_of_recording_is_found(tmp_path: Path, extension: str) -> None:
    stray = bytes(1000)
    path = encode_tone(tmp_path / f"tone{extension}")
    n_bytes_of_tags = 45 if path.read_bytes().startswith(b"ID3") else 0
    assert search(stray + path.read_bytes()) == len(stray) + n_bytes_of_tags


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
@pytest.mark.parametrize(
    ("container", "codec", "rate_hz"),
    [("mp3", "libmp3lame", 44_100), ("mp3", "libmp3lame", 16_000), ("mp2", "mp2", 48_000), ("adts", "aac", 22_050)],
)
def test_frames_are_found_behind_anything(
    tmp_path: Path, stray: bytes, container: str, codec: str, rate_hz: int
) -> None:
    options = {"id3v2_version": "0", "write_xing": "0"} if container == "mp3" else {}
    path = encode(tmp_path / "tone", container, codec, rate_hz, tone(1.5, rate_hz)[None], **options)
    assert search(stray + path.read_bytes()) == len(stray)


@pytest.mark.parametrize("stray", STRAY.values(), ids=STRAY)
def test_where_there_is_no_sound_none_is_found(stray: bytes) -> None:
    assert search(stray) is None


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"%PDF-1.7", b"Rar!\x1a\x07"])
def test_an_archive_is_not_searched(tmp_path: Path, head: bytes) -> None:
    assert search(head.ljust(100, b"\0") + encode_tone(tmp_path / "tone.flac").read_bytes()) is None


def test_a_file_that_looks_like_frames_everywhere_is_given_up_soon() -> None:
    started_s = time.thread_time()
    assert search(b"\xff\xfb\x90\x64\0" * 4_000_000) is None
    assert time.thread_time() - started_s < 10


def test_the_search_begins_where_it_shall(tmp_path: Path) -> None:
    flac = encode_tone(tmp_path / "tone.flac").read_bytes()
    assert search(flac) == 0
    assert search(flac[:12] + bytes(9) + flac, 1) == 21
