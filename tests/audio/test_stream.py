"""Streaming: every format that a browser sends, measured against the tone that was written into the file."""

import resource
import struct
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import errors
from genre_app.audio import load_audio, open_audio
from tests.audio.recordings import (
    FORMATS,
    RATE_HZ,
    TONE_HZ,
    assert_is_tone,
    encode,
    encode_tone,
    level,
    tone,
    write_wav,
)
from tests.paths import SHARED

SHARED_AUDIO = SHARED / "audio"

real_recordings = pytest.mark.skipif(
    not SHARED_AUDIO.is_dir(), reason="../shared/audio, with the real recordings, is not here"
)


@pytest.mark.parametrize("extension", FORMATS)
def test_the_tone_survives_every_format(tmp_path: Path, extension: str) -> None:
    assert_is_tone(load_audio(encode_tone(tmp_path / f"tone{extension}"), RATE_HZ))


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 48_000, 192_000])
def test_wav_of_any_rate_is_resampled(tmp_path: Path, rate_hz: int) -> None:
    samples = tone(2.0, rate_hz).reshape(-1, 1)
    stream = open_audio(write_wav(tmp_path / "tone.wav", samples, rate_hz, kind=3), RATE_HZ)
    assert_is_tone(np.concatenate(list(stream)), tolerance_s=0.001)
    assert stream.info.sample_rate_hz == rate_hz


def test_a_browser_recording_states_no_duration(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "microphone.webm", n_channels=1, live="1")
    with open_audio(path, RATE_HZ) as stream:
        assert stream.info.duration_s is None
        assert stream.progress is None
        assert_is_tone(np.concatenate(list(stream)))


def test_blocks_are_about_a_second_and_join_to_the_whole(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.mp3", seconds=5.0)
    stream = open_audio(path, RATE_HZ)
    assert stream.n_samples == 0
    seen: list[NDArray[np.float32]] = []
    progress: list[float] = []
    for block in stream:
        seen.append(block)
        progress.append(stream.progress or 0.0)
        assert stream.n_samples == sum(part.size for part in seen)
    assert 4 <= len(seen) <= 7
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1.0, abs=0.01)
    np.testing.assert_array_equal(np.concatenate(seen), load_audio(path, RATE_HZ))
    assert stream.warnings == ()


def test_blocks_leave_no_seams(tmp_path: Path) -> None:
    """A seam in the resampled tone would be a click: energy far away from it."""
    path = write_wav(tmp_path / "tone.wav", tone(5.0, 44_100).reshape(-1, 1), kind=3)
    samples = load_audio(path, RATE_HZ)[8000:-8000]
    spectrum = np.abs(np.fft.rfft(samples * np.blackman(samples.size)))
    far = np.abs(np.fft.rfftfreq(samples.size, 1 / RATE_HZ) - TONE_HZ) > 50
    assert spectrum[far].max() < 1e-4 * spectrum.max()


def test_same_rate_is_bit_exact(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (RATE_HZ * 3, 1)).astype("<f4")
    path = write_wav(tmp_path / "noise.wav", samples, RATE_HZ, kind=3)
    np.testing.assert_array_equal(load_audio(path, RATE_HZ), samples[:, 0])


def test_a_stream_is_iterated_only_once(tmp_path: Path) -> None:
    stream = open_audio(encode_tone(tmp_path / "tone.wav"), RATE_HZ)
    assert len(list(stream)) > 1
    with pytest.raises(RuntimeError, match="only once"):
        iter(stream)


def test_breaking_off_closes_the_file(tmp_path: Path) -> None:
    stream = open_audio(encode_tone(tmp_path / "tone.mp3", seconds=5.0), RATE_HZ)
    for _ in stream:
        break
    assert stream._file._file.closed
    stream.close()


def test_close_from_another_thread_is_not_a_short_track(tmp_path: Path) -> None:
    stream = open_audio(encode_tone(tmp_path / "tone.mp3", seconds=5.0), RATE_HZ)
    blocks = iter(stream)
    next(blocks)
    closer = threading.Thread(target=stream.close)
    closer.start()
    closer.join()
    with pytest.raises(errors.CancelledError):
        next(blocks)


@pytest.mark.parametrize(("first_hz", "second_hz"), [(44_100, 22_050), (32_000, 48_000)])
def test_rate_and_channels_may_change_midway(tmp_path: Path, first_hz: int, second_hz: int) -> None:
    stereo, mono = np.tile(tone(2.0, first_hz), (2, 1)), tone(2.0, second_hz)[None]
    first = encode(tmp_path / "a.mp3", "mp3", "libmp3lame", first_hz, stereo, write_xing="0")
    second = encode(tmp_path / "b.mp3", "mp3", "libmp3lame", second_hz, mono, write_xing="0", id3v2_version="0")
    path = tmp_path / "joined.mp3"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    samples = load_audio(path, RATE_HZ)
    assert_is_tone(samples[: RATE_HZ * 2])
    assert_is_tone(samples[-RATE_HZ * 2 :])


def test_memory_does_not_grow_with_the_track(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, np.zeros((1, 2), "<i2"))
    n_bytes = 20 * 60 * 44_100 * 4  # twenty minutes, 200 MB, as a hole in the file system
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", n_bytes + 36))
        file.seek(40)
        file.write(struct.pack("<I", n_bytes))
        file.truncate(44 + n_bytes)
    stream = open_audio(path, RATE_HZ)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(block.size for block in stream) == 20 * 60 * RATE_HZ
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    assert grown_mib < 20


def test_wrong_arguments_are_refused(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.wav")
    with pytest.raises(ValueError, match="positive"):
        open_audio(path, 0)
    with pytest.raises(ValueError, match="positive"):
        open_audio(path, RATE_HZ, max_minutes=0)


@pytest.mark.shared
@real_recordings
@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("vibe_ace.jazz.mp3", 61.5),
        ("sugar_plum_fairy.classical.m4a", 119.9),
        ("internal_degeneration.metal.ogg", 223.6),
        ("trumpet_loop.jazz.flac", 5.3),
        ("reading_aloud.speech.webm", 13.9),
        ("humpback.animal.wav", 64.8),
    ],
)
def test_real_recordings_keep_length_and_level(name: str, seconds: float) -> None:
    stream = open_audio(SHARED_AUDIO / name, RATE_HZ)
    samples = np.concatenate(list(stream))
    assert samples.size / RATE_HZ == pytest.approx(seconds, abs=0.1)
    assert 0.005 < level(samples) < 0.5
    assert stream.warnings == ()


@pytest.mark.shared
@real_recordings
def test_decoding_is_fast_and_lets_other_threads_run() -> None:
    """Decoding costs little more than FFmpeg alone, and a counter beside it keeps counting.

    Both are measured in this thread's own seconds: the rest of the machine's load is not in them.
    """
    path = SHARED_AUDIO / "chaos_god.metal.mp3"
    started_s = time.thread_time()
    with av.open(str(path)) as container:
        n_samples = sum(frame.samples for frame in container.decode(audio=0))
    ffmpeg_s = time.thread_time() - started_s

    ticks, done = 0, threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    counter = threading.Thread(target=count)
    counter.start()
    started_s = time.thread_time()
    samples = load_audio(path, RATE_HZ)
    ours_s = time.thread_time() - started_s
    done.set()
    counter.join()
    assert samples.size == pytest.approx(n_samples * RATE_HZ / 44_100, rel=0.01)
    assert ours_s < 4 * ffmpeg_s  # 1.6 times, with the resampling: this bound only catches a blunder
    assert ticks > ours_s / 0.001 / 20
