"""Packets to mono: every sample format and channel layout, and damage that costs a packet."""

from io import FileIO
from pathlib import Path

import av
import numpy as np
import pytest

from genre_app import errors
from genre_app.audio import load_audio
from tests.audio.recordings import (
    AMPLITUDE,
    FORMATS,
    RATE_HZ,
    TONE_HZ,
    assert_is_tone,
    dominant_hz,
    encode,
    encode_tone,
    flip_bytes,
    level,
    mean_of_planes,
    refuses,
    tone,
    write_wav,
)


@pytest.mark.parametrize("codec", ["u8", "s16le", "s24le", "s32le", "f32le", "f64le"])
def test_wav_of_any_width_is_decoded(tmp_path: Path, codec: str) -> None:
    channels = np.tile(tone(2.0, 44_100), (2, 1))
    path = encode(tmp_path / "tone.wav", "wav", f"pcm_{codec}", 44_100, channels)
    assert_is_tone(load_audio(path, RATE_HZ), tolerance_s=0.001)


@pytest.mark.parametrize(
    ("dtype", "kind", "silence", "full"),
    [
        ("u1", 1, 128, 255),
        ("<i2", 1, 0, 32767),
        ("<i4", 1, 0, 2**31 - 1),
        ("<i8", 1, 0, 2**63 - 1),
        ("<f4", 3, 0, 1),
    ],
)
def test_all_sample_types_have_one_full_scale(tmp_path: Path, dtype: str, kind: int, silence: int, full: int) -> None:
    samples = np.full((20_000, 2), silence, dtype)
    samples[10_000:] = full
    mono = load_audio(write_wav(tmp_path / "step.wav", samples, kind=kind), 44_100)
    np.testing.assert_array_equal(mono[:10_000], 0)
    np.testing.assert_allclose(mono[10_000:], 1, atol=0.01)


def test_same_sound_on_both_sides_keeps_its_level(tmp_path: Path) -> None:
    mono = load_audio(encode_tone(tmp_path / "tone.wav"), RATE_HZ)
    assert np.abs(mono).max() == pytest.approx(AMPLITUDE, rel=0.01)  # 0.71 if it were 3 dB louder


def test_one_sided_sound_is_halved(tmp_path: Path) -> None:
    left = tone(1.0, 44_100)
    path = encode(tmp_path / "left.mp3", "mp3", "libmp3lame", 44_100, np.stack([left, 0 * left]))
    assert level(load_audio(path, RATE_HZ)) == pytest.approx(AMPLITUDE / 2 / np.sqrt(2), rel=0.07)


def test_opposite_sides_do_not_cancel(tmp_path: Path) -> None:
    left = tone(1.0, 44_100)
    path = encode(tmp_path / "opposite.flac", "flac", "flac", 44_100, np.stack([left, -left]))
    assert level(load_audio(path, RATE_HZ)) == pytest.approx(AMPLITUDE / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(("extension", "codec"), [(".wav", "pcm_f32le"), (".m4a", "aac"), (".flac", "flac")])
def test_five_point_one_is_the_mean_of_six(tmp_path: Path, extension: str, codec: str) -> None:
    container = FORMATS[extension][0]
    channels = np.stack([tone(1.0, 48_000)] * 3 + [np.zeros(48_000, np.float32)] * 3)
    mono = load_audio(encode(tmp_path / f"film{extension}", container, codec, 48_000, channels), RATE_HZ)
    assert level(mono) == pytest.approx(AMPLITUDE / 2 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize(
    ("container", "codec", "layout", "n_channels"),
    [("ogg", "libopus", "7.1", 8), ("wv", "wavpack", "7.1", 8), ("wv", "wavpack", "hexadecagonal", 16)],
)
def test_many_planar_channels_are_mixed(
    tmp_path: Path, container: str, codec: str, layout: str, n_channels: int
) -> None:
    """PyAV miscounts the planes of these, in its own conversions too, hence the detour over a packed WAV."""
    packed = np.zeros((48_000, n_channels), "<i2")
    packed[:, : n_channels // 2] = (tone(1.0, 48_000) * 32767).astype("<i2")[:, None]
    path = tmp_path / "cinema"
    with (
        av.open(str(write_wav(tmp_path / "packed.wav", packed, 48_000))) as source,
        av.open(str(path), "w", format=container) as output,
    ):
        stream = output.add_stream(codec, rate=48_000, layout=layout)
        assert isinstance(stream, av.AudioStream)
        for frame in source.decode(audio=0):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    samples = load_audio(path, 48_000)
    assert dominant_hz(samples, 48_000) == pytest.approx(TONE_HZ, abs=1.5)
    np.testing.assert_allclose(level(samples), level(mean_of_planes(path, n_channels)), rtol=0.02)


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_broken_floats_become_silence(tmp_path: Path, dtype: str) -> None:
    samples = np.full((44_100, 2), 0.25, dtype)
    samples[1000], samples[2000], samples[3000], samples[4000] = np.nan, np.inf, -np.inf, np.finfo(dtype).max
    samples[5000] = [np.inf, -np.inf]
    path = write_wav(tmp_path / "broken.wav", samples, kind=3)
    mono = load_audio(path, 44_100)
    np.testing.assert_array_equal(np.flatnonzero(mono != 0.25), [1000, 2000, 3000, 4000, 5000])
    assert not mono[[1000, 2000, 3000, 4000, 5000]].any()
    assert np.isfinite(load_audio(path, RATE_HZ)).all()


@pytest.mark.parametrize("extension", [".mp3", ".ogg", ".flac", ".aac", ".opus", ".m4a", ".webm"])
def test_flipped_bytes_cost_little(tmp_path: Path, extension: str) -> None:
    path = encode_tone(tmp_path / f"tone{extension}", seconds=10.0)
    flip_bytes(path, count=4)
    samples = load_audio(path, RATE_HZ)
    assert samples.size / RATE_HZ > 4  # one byte costs Ogg a page and WebM a cluster, of seconds
    assert dominant_hz(samples) == pytest.approx(TONE_HZ, abs=1.5)
    assert np.isfinite(samples).all()


def test_damaged_flac_is_skipped_not_played_as_noise(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.flac", seconds=10.0)
    flip_bytes(path, count=6)
    assert np.abs(load_audio(path, RATE_HZ)).max() < 1.5 * AMPLITUDE


def test_a_disk_that_fails_midway_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode_tone(tmp_path / "tone.wav", seconds=20.0)

    class FailingFile(FileIO):
        def read(self, n_bytes: int | None = -1) -> bytes:
            if self.tell() > 600_000:
                raise OSError(5, "Input/output error")
            return super().read(n_bytes)

    monkeypatch.setattr(Path, "open", lambda path, *_, **__: FailingFile(path))
    assert "another disk" in refuses(path, errors.UnreadableFileError)
