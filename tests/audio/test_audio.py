"""Decoding: every format that a browser sends, measured against the tones that were written into the files."""

import random
import resource
import struct
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import errors
from genre_app.audio import SUPPORTED_EXTENSIONS, load_audio, open_audio
from tests.paths import SHARED

RATE_HZ = 16_000
TONE_HZ = 440.0
AMPLITUDE = 0.5
SHARED_AUDIO = SHARED / "audio"

# extension: (FFmpeg's container, encoder, sample rate)
FORMATS: dict[str, tuple[str, str, int]] = {
    ".mp3": ("mp3", "libmp3lame", 44_100),
    ".m4a": ("ipod", "aac", 44_100),
    ".m4b": ("ipod", "alac", 44_100),
    ".aac": ("adts", "aac", 44_100),
    ".ogg": ("ogg", "vorbis", 44_100),
    ".oga": ("ogg", "flac", 44_100),
    ".opus": ("ogg", "libopus", 48_000),
    ".flac": ("flac", "flac", 44_100),
    ".wav": ("wav", "pcm_s16le", 22_050),
    ".aif": ("aiff", "pcm_s24be", 96_000),
    ".aiff": ("aiff", "pcm_s16be", 44_100),
    ".wma": ("asf", "wmav2", 44_100),
    ".webm": ("webm", "libopus", 48_000),
    ".weba": ("webm", "vorbis", 44_100),
    ".mka": ("matroska", "libmp3lame", 44_100),
    ".mkv": ("matroska", "ac3", 48_000),
    ".mp4": ("mp4", "aac", 32_000),
    ".m4v": ("mp4", "libmp3lame", 44_100),
    ".mov": ("mov", "pcm_s16be", 48_000),
    ".3gp": ("3gp", "aac", 16_000),
    ".avi": ("avi", "libmp3lame", 44_100),
    ".caf": ("caf", "pcm_s16le", 44_100),
    ".au": ("au", "pcm_s16be", 8_000),
    ".wv": ("wv", "wavpack", 44_100),
    ".w64": ("w64", "pcm_s32le", 192_000),
}


def tone(seconds: float, rate_hz: int, frequency_hz: float = TONE_HZ) -> NDArray[np.float32]:
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (AMPLITUDE * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.float32)


def encode(path: Path, container: str, codec: str, rate_hz: int, channels: NDArray[np.float32], **options: str) -> Path:
    """Write sound of shape ``(n_channels, n_samples)`` with one of PyAV's encoders."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
    with av.open(str(path), "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout=layout, options={"strict": "-2"})
        assert isinstance(stream, av.AudioStream)
        if container != "3gp":
            stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels), format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def encode_tone(path: Path, *, seconds: float = 2.0, n_channels: int = 2, **options: str) -> Path:
    container, codec, rate_hz = FORMATS[path.suffix]
    channels = np.tile(tone(seconds, rate_hz), (n_channels, 1))
    return encode(path, container, codec, rate_hz, channels, **options)


def write_wav(path: Path, samples: NDArray[np.generic], rate_hz: int = 44_100, *, kind: int = 1) -> Path:
    """Write a WAV of shape ``(n_samples, n_channels)`` by hand; kind 1 is integers, 3 is floats."""
    n_channels, width = samples.shape[1], samples.dtype.itemsize
    header = struct.pack(
        "<HHIIHH", kind, n_channels, rate_hz, rate_hz * n_channels * width, n_channels * width, 8 * width
    )
    data = samples.tobytes()
    riff = b"WAVEfmt " + struct.pack("<I", 16) + header + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(riff)) + riff)
    return path


def write_video(path: Path) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        for _ in range(5):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
    return path


def write_picture(path: Path) -> Path:
    codec = av.CodecContext.create({".png": "png", ".jpg": "mjpeg", ".gif": "gif"}[path.suffix], "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width = codec.height = 32
    codec.pix_fmt = {".png": "rgb24", ".jpg": "yuvj420p", ".gif": "rgb8"}[path.suffix]
    codec.time_base = Fraction(1, 25)
    if path.suffix == ".gif":
        with av.open(str(path), "w", format="gif") as output:
            stream = output.add_stream("gif", rate=5)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = 32, 32, "rgb8"
            frame = av.VideoFrame(32, 32, "rgb8")
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path
    packets = codec.encode(av.VideoFrame(32, 32, codec.pix_fmt)) + codec.encode(None)
    path.write_bytes(b"".join(bytes(packet) for packet in packets))
    return path


def dominant_hz(samples: NDArray[np.float32], rate_hz: int = RATE_HZ) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.fft.rfftfreq(samples.size, 1 / rate_hz)[spectrum.argmax()])


def level(samples: NDArray[np.float32]) -> float:
    """Root mean square of the middle half, where no fade of an encoder reaches."""
    middle = samples[samples.size // 4 : -samples.size // 4].astype(np.float64)
    return float(np.sqrt(np.mean(middle**2)))


def assert_is_tone(samples: NDArray[np.float32], *, seconds: float = 2.0, tolerance_s: float = 0.08) -> None:
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert samples.flags.c_contiguous
    assert samples.size / RATE_HZ == pytest.approx(seconds, abs=tolerance_s)
    assert dominant_hz(samples) == pytest.approx(TONE_HZ, abs=1.5)
    # LAME turns everything down by 5 %; a wrong downmix would be off by 41 %.
    assert level(samples) == pytest.approx(AMPLITUDE / np.sqrt(2), rel=0.07)


def mean_of_planes(path: Path, n_channels: int) -> NDArray[np.float32]:
    """Downmix planar sound the slow and obvious way, without trusting PyAV's number of planes."""
    means = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            dtype, full_scale = {"fltp": ("f4", 1), "s16p": ("i2", 2**15)}[frame.format.name]
            planes: list[Any] = list(frame.planes[:n_channels])
            channels = [np.frombuffer(plane, dtype, frame.samples) for plane in planes]
            means.append(np.mean(channels, axis=0) / full_scale)
    return np.concatenate(means).astype(np.float32)


def flip_bytes(path: Path, *, count: int, start: float = 0.3, stop: float = 0.9) -> None:
    data = bytearray(path.read_bytes())
    generator = random.Random(7)
    for _ in range(count):
        data[generator.randrange(int(start * len(data)), int(stop * len(data)))] ^= generator.randrange(1, 256)
    path.write_bytes(data)


def cut(path: Path, fraction: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * fraction)])


class TestFormats:
    @pytest.mark.parametrize("extension", FORMATS)
    def test_tone_survives(self, tmp_path: Path, extension: str) -> None:
        assert_is_tone(load_audio(encode_tone(tmp_path / f"tone{extension}"), RATE_HZ))

    def test_every_extension_is_tested(self) -> None:
        assert set(SUPPORTED_EXTENSIONS) == set(FORMATS)

    @pytest.mark.parametrize("extension", [".mp3", ".ogg", ".wav"])
    def test_name_does_not_matter(self, tmp_path: Path, extension: str) -> None:
        path = encode_tone(tmp_path / f"tone{extension}").rename(tmp_path / "upload.bin")
        assert_is_tone(load_audio(path, RATE_HZ))

    @pytest.mark.parametrize("codec", ["u8", "s16le", "s24le", "s32le", "f32le", "f64le"])
    def test_wav_of_any_width(self, tmp_path: Path, codec: str) -> None:
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
    def test_scale(self, tmp_path: Path, dtype: str, kind: int, silence: int, full: int) -> None:
        samples = np.full((200, 2), silence, dtype)
        samples[100:] = full
        mono = load_audio(write_wav(tmp_path / "step.wav", samples, kind=kind), 44_100)
        np.testing.assert_array_equal(mono[:100], 0)
        np.testing.assert_allclose(mono[100:], 1, atol=0.01)

    @pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 48_000, 192_000])
    def test_wav_of_any_rate(self, tmp_path: Path, rate_hz: int) -> None:
        samples = tone(2.0, rate_hz).reshape(-1, 1)
        stream = open_audio(write_wav(tmp_path / "tone.wav", samples, rate_hz, kind=3), RATE_HZ)
        assert_is_tone(np.concatenate(list(stream)), tolerance_s=0.001)
        assert stream.info.sample_rate_hz == rate_hz

    def test_browser_recording_states_no_duration(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "microphone.webm", n_channels=1, live="1")
        with open_audio(path, RATE_HZ) as stream:
            assert stream.info.duration_s is None
            assert stream.progress is None
            assert_is_tone(np.concatenate(list(stream)))

    def test_info(self, tmp_path: Path) -> None:
        with open_audio(encode_tone(tmp_path / "tone.flac"), RATE_HZ) as stream:
            info = stream.info
        assert (info.sample_rate_hz, info.n_channels, info.codec, info.container) == (44_100, 2, "flac", "flac")
        assert info.duration_s == pytest.approx(2.0)

    def test_tags_in_odd_encodings(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.mp3", id3v2_version="0", write_id3v1="1")
        tag = b"TAG" + b"K\xf6ln \xff".ljust(125, b"\0")
        path.write_bytes(path.read_bytes() + tag)
        assert_is_tone(load_audio(path, RATE_HZ))


class TestDownmix:
    def test_same_sound_on_both_sides_keeps_its_level(self, tmp_path: Path) -> None:
        mono = load_audio(encode_tone(tmp_path / "tone.wav"), RATE_HZ)
        assert np.abs(mono).max() == pytest.approx(AMPLITUDE, rel=0.01)  # 0.71 if it were 3 dB louder

    def test_one_sided_sound_is_halved(self, tmp_path: Path) -> None:
        left = tone(1.0, 44_100)
        path = encode(tmp_path / "left.mp3", "mp3", "libmp3lame", 44_100, np.stack([left, 0 * left]))
        assert level(load_audio(path, RATE_HZ)) == pytest.approx(AMPLITUDE / 2 / np.sqrt(2), rel=0.07)

    def test_opposite_sides_cancel(self, tmp_path: Path) -> None:
        left = tone(1.0, 44_100)
        path = encode(tmp_path / "opposite.flac", "flac", "flac", 44_100, np.stack([left, -left]))
        assert np.abs(load_audio(path, RATE_HZ)).max() < 1e-3

    @pytest.mark.parametrize(("extension", "codec"), [(".wav", "pcm_f32le"), (".m4a", "aac"), (".flac", "flac")])
    def test_five_point_one_is_the_mean_of_six(self, tmp_path: Path, extension: str, codec: str) -> None:
        container = FORMATS[extension][0]
        channels = np.stack([tone(1.0, 48_000)] * 3 + [np.zeros(48_000, np.float32)] * 3)
        mono = load_audio(encode(tmp_path / f"film{extension}", container, codec, 48_000, channels), RATE_HZ)
        assert level(mono) == pytest.approx(AMPLITUDE / 2 / np.sqrt(2), rel=0.05)

    @pytest.mark.parametrize(
        ("container", "codec", "layout", "n_channels"),
        [("ogg", "libopus", "7.1", 8), ("wv", "wavpack", "7.1", 8), ("wv", "wavpack", "hexadecagonal", 16)],
    )
    def test_many_planar_channels(
        self, tmp_path: Path, container: str, codec: str, layout: str, n_channels: int
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
    def test_broken_floats_become_silence(self, tmp_path: Path, dtype: str) -> None:
        samples = np.full((44_100, 2), 0.25, dtype)
        samples[1000], samples[2000], samples[3000], samples[4000] = np.nan, np.inf, -np.inf, np.finfo(dtype).max
        samples[5000] = [np.inf, -np.inf]
        path = write_wav(tmp_path / "broken.wav", samples, kind=3)
        mono = load_audio(path, 44_100)
        np.testing.assert_array_equal(np.flatnonzero(mono != 0.25), [1000, 2000, 3000, 4000, 5000])
        assert not mono[[1000, 2000, 3000, 4000, 5000]].any()
        assert np.isfinite(load_audio(path, RATE_HZ)).all()


class TestStream:
    def test_blocks_are_about_a_second_and_join_to_the_whole(self, tmp_path: Path) -> None:
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

    def test_blocks_leave_no_seams(self, tmp_path: Path) -> None:
        """A seam in the resampled tone would be a click: energy far away from it."""
        path = write_wav(tmp_path / "tone.wav", tone(5.0, 44_100).reshape(-1, 1), kind=3)
        samples = load_audio(path, RATE_HZ)[8000:-8000]
        spectrum = np.abs(np.fft.rfft(samples * np.blackman(samples.size)))
        far = np.abs(np.fft.rfftfreq(samples.size, 1 / RATE_HZ) - TONE_HZ) > 50
        assert spectrum[far].max() < 1e-4 * spectrum.max()

    def test_same_rate_is_bit_exact(self, tmp_path: Path) -> None:
        samples = np.random.default_rng(0).uniform(-1, 1, (RATE_HZ * 3, 1)).astype("<f4")
        path = write_wav(tmp_path / "noise.wav", samples, RATE_HZ, kind=3)
        np.testing.assert_array_equal(load_audio(path, RATE_HZ), samples[:, 0])

    def test_only_once(self, tmp_path: Path) -> None:
        stream = open_audio(encode_tone(tmp_path / "tone.wav"), RATE_HZ)
        assert len(list(stream)) > 1
        with pytest.raises(RuntimeError, match="only once"):
            iter(stream)

    def test_breaking_off_closes_the_file(self, tmp_path: Path) -> None:
        stream = open_audio(encode_tone(tmp_path / "tone.mp3", seconds=5.0), RATE_HZ)
        for _ in stream:
            break
        assert stream._source.file.closed
        stream.close()

    def test_close_from_another_thread_is_not_a_short_track(self, tmp_path: Path) -> None:
        stream = open_audio(encode_tone(tmp_path / "tone.mp3", seconds=5.0), RATE_HZ)
        blocks = iter(stream)
        next(blocks)
        closer = threading.Thread(target=stream.close)
        closer.start()
        closer.join()
        with pytest.raises(errors.CancelledError, match=r"tone\.mp3"):
            next(blocks)

    @pytest.mark.parametrize(("first_hz", "second_hz"), [(44_100, 22_050), (32_000, 48_000)])
    def test_rate_and_channels_change_midway(self, tmp_path: Path, first_hz: int, second_hz: int) -> None:
        stereo, mono = np.tile(tone(2.0, first_hz), (2, 1)), tone(2.0, second_hz)[None]
        first = encode(tmp_path / "a.mp3", "mp3", "libmp3lame", first_hz, stereo, write_xing="0")
        second = encode(tmp_path / "b.mp3", "mp3", "libmp3lame", second_hz, mono, write_xing="0", id3v2_version="0")
        path = tmp_path / "joined.mp3"
        path.write_bytes(first.read_bytes() + second.read_bytes())
        samples = load_audio(path, RATE_HZ)
        assert_is_tone(samples[: RATE_HZ * 2])
        assert_is_tone(samples[-RATE_HZ * 2 :])

    def test_memory_does_not_grow_with_the_track(self, tmp_path: Path) -> None:
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

    def test_wrong_arguments(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.wav")
        with pytest.raises(ValueError, match="positive"):
            open_audio(path, 0)
        with pytest.raises(ValueError, match="positive"):
            open_audio(path, RATE_HZ, max_minutes=0)


class TestDamage:
    @pytest.mark.parametrize("extension", [".mp3", ".ogg", ".flac", ".aac", ".opus", ".m4a", ".webm"])
    def test_flipped_bytes(self, tmp_path: Path, extension: str) -> None:
        path = encode_tone(tmp_path / f"tone{extension}", seconds=10.0)
        flip_bytes(path, count=4)
        samples = load_audio(path, RATE_HZ)
        assert samples.size / RATE_HZ > 4  # one byte costs Ogg a page and WebM a cluster, of seconds
        assert dominant_hz(samples) == pytest.approx(TONE_HZ, abs=1.5)
        assert np.isfinite(samples).all()

    def test_damaged_flac_is_skipped_not_played_as_noise(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.flac", seconds=10.0)
        flip_bytes(path, count=6)
        assert np.abs(load_audio(path, RATE_HZ)).max() < 1.5 * AMPLITUDE

    def test_damaged_packets_are_reported(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.mp3", seconds=10.0)
        data = bytearray(path.read_bytes())
        third = len(data) // 3
        data[third : third + 4000] = bytes(4000)
        path.write_bytes(data)
        stream = open_audio(path, RATE_HZ)
        assert dominant_hz(np.concatenate(list(stream))) == pytest.approx(TONE_HZ, abs=1.5)
        assert any("audio packet" in warning and "skipped" in warning for warning in stream.warnings)

    @pytest.mark.parametrize("extension", [".mp3", ".wav", ".flac", ".aiff", ".wv"])
    def test_half_a_file_yields_its_half_and_a_warning(self, tmp_path: Path, extension: str) -> None:
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

    def test_half_a_web_ready_m4a(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.m4a", seconds=10.0, movflags="+faststart")
        cut(path, 0.5)
        stream = open_audio(path, RATE_HZ)
        assert sum(block.size for block in stream) / RATE_HZ == pytest.approx(5.0, abs=1.0)
        assert any("incomplete" in warning for warning in stream.warnings)

    @pytest.mark.parametrize("extension", [".ogg", ".opus", ".aac", ".wma", ".w64"])
    def test_half_a_file_of_a_format_without_a_length(self, tmp_path: Path, extension: str) -> None:
        path = encode_tone(tmp_path / f"tone{extension}", seconds=10.0)
        cut(path, 0.5)
        assert 3 < load_audio(path, RATE_HZ).size / RATE_HZ < 7

    def test_live_wav_without_sizes(self, tmp_path: Path) -> None:
        path = write_wav(tmp_path / "live.wav", tone(2.0, 44_100).reshape(-1, 1), kind=3)
        data = bytearray(path.read_bytes())
        data[4:8] = data[40:44] = b"\xff" * 4
        path.write_bytes(data)
        stream = open_audio(path, RATE_HZ, max_minutes=1)
        assert_is_tone(np.concatenate(list(stream)), tolerance_s=0.001)
        assert stream.warnings == ()


class TestErrors:
    def refuses(self, path: str | Path, error: type[errors.AudioError], **options: float) -> str:
        with pytest.raises(error) as caught:
            load_audio(path, RATE_HZ, **options)
        assert type(caught.value) is error
        message = str(caught.value)
        assert message.endswith(".")
        assert message.count("\n") == 0
        assert "/" not in message
        assert "please" in message
        return message

    def test_missing(self, tmp_path: Path) -> None:
        assert "song.mp3" in self.refuses(tmp_path / "song.mp3", errors.UnreadableFileError)

    def test_folder(self, tmp_path: Path) -> None:
        assert "folder" in self.refuses(tmp_path, errors.UnreadableFileError)

    def test_device(self) -> None:
        self.refuses("/dev/zero", errors.UnreadableFileError)

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = encode_tone(tmp_path / "secret.wav")

        def forbid(*_: object, **__: object) -> None:
            raise PermissionError

        monkeypatch.setattr(Path, "open", forbid)
        assert "permission" in self.refuses(path, errors.UnreadableFileError)

    def test_disk_that_fails_midway(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = encode_tone(tmp_path / "tone.wav", seconds=20.0)

        class FailingFile:
            def __init__(self, file: BinaryIO) -> None:
                self.file, self.seek, self.tell = file, file.seek, file.tell

            def read(self, n_bytes: int) -> bytes:
                if self.tell() > 600_000:
                    raise OSError(5, "Input/output error")
                return self.file.read(n_bytes)

        monkeypatch.setattr("genre_app.audio.source._Nameless", FailingFile)
        assert "another disk" in self.refuses(path, errors.UnreadableFileError)

    @pytest.mark.parametrize("name", ["a\0b.mp3", "x" * 5000, "\ud800.mp3"])
    def test_impossible_names(self, name: str) -> None:
        self.refuses(name, errors.UnreadableFileError).encode()

    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:9/a.mp3", "concat:{}", "file:{}", "subfile,,start,0,end,9,,:{}", "data:audio/wav;base64,AA"],
    )
    def test_urls_are_only_names(self, tmp_path: Path, url: str) -> None:
        self.refuses(url.format(encode_tone(tmp_path / "tone.wav")), errors.UnreadableFileError)

    def test_long_names_are_shortened(self, tmp_path: Path) -> None:
        message = self.refuses(tmp_path / f"{'long ' * 30}.mp3", errors.UnreadableFileError)
        assert len(message) < 150
        assert ".mp3" in message

    def test_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "song.mp3"
        path.touch()
        assert self.refuses(path, errors.EmptyFileError) == "The file song.mp3 is empty; please choose another one."

    @pytest.mark.parametrize(
        "content",
        [
            b"Dear Sir,\nplease find enclosed my song.\n" * 500,
            "Stücke für Klavier, ÿûÿû\n".encode("latin-1") * 500,
            b"<html><body><p>404</p></body></html>" * 100,
            b"PK\x03\x04" + bytes(5000),
            b"%PDF-1.7\n" + bytes(5000),
            bytes(100_000),
            b"\xff" * 100_000,
            b"x",
        ],
        ids=["text", "latin-1", "html", "zip", "pdf", "zeros", "ones", "one byte"],
    )
    @pytest.mark.parametrize("name", ["song.mp3", "song.aac", "song.wav"])
    def test_other_files(self, tmp_path: Path, content: bytes, name: str) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        self.refuses(path, errors.NotAudioError)

    def test_random_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "song.mp3"
        for seed in range(40):
            path.write_bytes(random.Random(seed).randbytes(60_000))
            self.refuses(path, errors.NotAudioError)

    def test_few_mp3_frames_in_garbage_are_not_a_track(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.mp3", id3v2_version="0", write_xing="0")
        path.write_bytes(path.read_bytes()[: 418 * 7] + bytes(40_000) + b"\xff\xfb\x90\x64" * 3 + bytes(10_000))
        self.refuses(path, errors.NotAudioError)

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.0,\n{}\n#EXT-X-ENDLIST\n"),
            ("list.m3u", "#EXTM3U\n{}\n"),
            ("list.ffconcat", "ffconcat version 1.0\nfile {}\n"),
            ("list.pls", "[playlist]\nFile1={}\n"),
            ("list.mpd", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{}</BaseURL></MPD>'),
            ("talk.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"),
        ],
    )
    def test_files_that_point_at_others(self, tmp_path: Path, name: str, text: str) -> None:
        path = tmp_path / name
        path.write_text(text.format(encode_tone(tmp_path / "tone.wav")))
        self.refuses(path, errors.NotAudioError)

    @pytest.mark.parametrize("extension", [".png", ".jpg", ".gif"])
    def test_picture(self, tmp_path: Path, extension: str) -> None:
        assert "picture" in self.refuses(write_picture(tmp_path / f"cover{extension}"), errors.NoAudioStreamError)

    @pytest.mark.parametrize("extension", [".mp4", ".mkv", ".avi"])
    def test_silent_video(self, tmp_path: Path, extension: str) -> None:
        assert "no sound" in self.refuses(write_video(tmp_path / f"film{extension}"), errors.NoAudioStreamError)

    def test_mp4_that_was_never_finished(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.m4a")
        cut(path, 0.8)  # its table of contents stood at the end
        self.refuses(path, errors.TruncatedAudioError)

    @pytest.mark.parametrize(("extension", "n_bytes"), [
        *((".wav", n) for n in (4, 12, 30, 44)), *((".mp3", n) for n in (10, 60, 200)), (".flac", 42), (".flac", 4),
        (".ogg", 30), (".opus", 100), (".webm", 60), (".wma", 60), (".aiff", 20), (".m4a", 20), (".aac", 100),
    ])  # fmt: skip
    def test_nothing_but_a_header(self, tmp_path: Path, extension: str, n_bytes: int) -> None:
        path = encode_tone(tmp_path / f"tone{extension}")
        path.write_bytes(path.read_bytes()[:n_bytes])
        self.refuses(path, errors.TruncatedAudioError)

    def test_mostly_damaged(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "tone.mp3", seconds=10.0)
        data = bytearray(path.read_bytes())
        data[len(data) // 3 :] = random.Random(3).randbytes(len(data) - len(data) // 3)
        path.write_bytes(data)
        self.refuses(path, errors.UndecodableAudioError)

    def test_absurd_sample_rate(self, tmp_path: Path) -> None:
        self.refuses(write_wav(tmp_path / "slow.wav", np.zeros((50, 1), "<i2"), 1), errors.UndecodableAudioError)

    @pytest.mark.parametrize("extension", [".wav", ".flac", ".m4a", ".mp3", ".aac"])
    def test_too_long_at_once(self, tmp_path: Path, extension: str) -> None:
        path = encode_tone(tmp_path / f"long{extension}", seconds=8.0)
        with pytest.raises(errors.TrackTooLongError, match=r"longer than 0\.1 minutes"):
            open_audio(path, RATE_HZ, max_minutes=0.1)

    def test_too_long_without_a_stated_duration(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "long.webm", seconds=20.0, n_channels=1, live="1")
        stream = open_audio(path, RATE_HZ, max_minutes=0.1)
        with pytest.raises(errors.TrackTooLongError):
            list(stream)
        assert 7 < stream.position_s < 9  # as soon as the limit is passed, not after all of the 20 s

    def test_exactly_the_limit_is_accepted(self, tmp_path: Path) -> None:
        path = encode_tone(tmp_path / "limit.mp3", seconds=6.0)
        assert_is_tone(load_audio(path, RATE_HZ, max_minutes=0.1), seconds=6.0)

    def test_nothing_is_printed(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        path = encode_tone(tmp_path / "tone.mp3", seconds=5.0)
        flip_bytes(path, count=50)
        capfd.readouterr()
        load_audio(path, RATE_HZ)
        assert capfd.readouterr() == ("", "")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED_AUDIO.is_dir(), reason="../shared/audio, with the real recordings, is not here")
class TestRealRecordings:
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
    def test_length_and_level(self, name: str, seconds: float) -> None:
        stream = open_audio(SHARED_AUDIO / name, RATE_HZ)
        samples = np.concatenate(list(stream))
        assert samples.size / RATE_HZ == pytest.approx(seconds, abs=0.1)
        assert 0.005 < level(samples) < 0.5
        assert stream.warnings == ()

    def test_fast_and_beside_other_threads(self) -> None:
        """Decoding costs little more than FFmpeg alone, and a counter beside it keeps counting.

        Both are measured in this thread's own seconds: what else the machine does is not in them.
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
