"""Streaming damaged, truncated and too long files: a warning if the rest is usable, else an error."""

import random
from pathlib import Path

import numpy as np
import pytest

from genre_app import errors
from genre_app.audio import load_audio, open_audio
from tests.audio.recordings import (
    FORMATS,
    RATE_HZ,
    TONE_HZ,
    assert_is_tone,
    cut,
    dominant_hz,
    encode,
    encode_tone,
    flip_bytes,
    refuses,
    tone,
    write_wav,
)


def test_damaged_packets_are_reported(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.mp3", seconds=10.0)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : third + 4000] = bytes(4000)
    path.write_bytes(data)
    stream = open_audio(path, RATE_HZ)
    assert dominant_hz(np.concatenate(list(stream))) == pytest.approx(TONE_HZ, abs=1.5)
    assert any("audio packet" in warning and "skipped" in warning for warning in stream.warnings)


@pytest.mark.parametrize("extension", [".mp3", ".wav", ".flac", ".aiff", ".wv"])
def test_half_a_file_yields_its_half_and_a_warning(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"tone{extension}"
    container, codec, rate_hz = FORMATS[extension]
    noise = np.random.default_rng(1).normal(0, 0.05, rate_hz * 10)  # so that the sound fills the file evenly
    encode(path, container, codec, rate_hz, (tone(10.0, rate_hz) + noise).astype(np.float32)[None])
    cut(path, 0.5)
    stream = open_audio(path, RATE_HZ)
    samples = np.concatenate(list(stream))
    assert samples.size / RATE_HZ == pytest.approx(5.0, abs=1.1)
    assert dominant_hz(samples) == pytest.approx(TONE_HZ, abs=1.5)
    assert any("The file is incomplete: it announces 10" in warning for warning in stream.warnings)


def test_half_a_web_ready_m4a(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.m4a", seconds=10.0, movflags="+faststart")
    cut(path, 0.5)
    stream = open_audio(path, RATE_HZ)
    assert sum(block.size for block in stream) / RATE_HZ == pytest.approx(5.0, abs=1.0)
    assert any("incomplete" in warning for warning in stream.warnings)


@pytest.mark.parametrize("extension", [".ogg", ".opus", ".aac", ".wma", ".w64"])
def test_half_a_file_of_a_format_without_a_length(tmp_path: Path, extension: str) -> None:
    path = encode_tone(tmp_path / f"tone{extension}", seconds=10.0)
    cut(path, 0.5)
    assert 3 < load_audio(path, RATE_HZ).size / RATE_HZ < 7


def test_a_live_wav_without_sizes_is_whole(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "live.wav", tone(2.0, 44_100).reshape(-1, 1), kind=3)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4
    path.write_bytes(data)
    stream = open_audio(path, RATE_HZ, max_minutes=1)
    assert_is_tone(np.concatenate(list(stream)), tolerance_s=0.001)
    assert stream.warnings == ()


def test_random_bytes_are_not_audio(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    for seed in range(40):
        path.write_bytes(random.Random(seed).randbytes(60_000))
        refuses(path, errors.NotAudioError)


def test_few_mp3_frames_in_garbage_are_not_a_track(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.mp3", id3v2_version="0", write_xing="0")
    path.write_bytes(path.read_bytes()[: 418 * 7] + bytes(40_000) + b"\xff\xfb\x90\x64" * 3 + bytes(10_000))
    refuses(path, errors.NotAudioError)


def test_a_mostly_damaged_file_is_undecodable(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.mp3", seconds=10.0)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 :] = random.Random(3).randbytes(len(data) - len(data) // 3)
    path.write_bytes(data)
    refuses(path, errors.UndecodableAudioError)


def test_an_absurd_sample_rate_is_undecodable(tmp_path: Path) -> None:
    refuses(write_wav(tmp_path / "slow.wav", np.zeros((50, 1), "<i2"), 1), errors.UndecodableAudioError)


@pytest.mark.parametrize("extension", [".wav", ".flac", ".m4a", ".mp3", ".aac"])
def test_a_long_track_is_refused_at_once(tmp_path: Path, extension: str) -> None:
    path = encode_tone(tmp_path / f"long{extension}", seconds=8.0)
    with pytest.raises(errors.TrackTooLongError, match=r"longer than 0\.1 minutes"):
        open_audio(path, RATE_HZ, max_minutes=0.1)


def test_a_long_track_without_a_stated_duration_is_refused_on_the_way(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "long.webm", seconds=20.0, n_channels=1, live="1")
    stream = open_audio(path, RATE_HZ, max_minutes=0.1)
    with pytest.raises(errors.TrackTooLongError):
        list(stream)
    assert 5 < stream.position_s < 7  # as soon as the limit is passed, not after all of the 20 s


def test_exactly_the_limit_is_accepted(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "limit.mp3", seconds=6.0)
    assert_is_tone(load_audio(path, RATE_HZ, max_minutes=0.1), seconds=6.0)


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = encode_tone(tmp_path / "tone.mp3", seconds=5.0)
    flip_bytes(path, count=50)
    capfd.readouterr()
    load_audio(path, RATE_HZ)
    assert capfd.readouterr() == ("", "")
