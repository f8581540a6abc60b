"""Recordings of a tone in every format that a browser sends, and ways to damage them."""

import random
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.errors import AudioError

RATE_HZ = 16_000
TONE_HZ = 440.0
AMPLITUDE = 0.5

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
    ".mp2": ("mp2", "mp2", 48_000),
    ".mpa": ("mp2", "mp2", 32_000),
    ".m2a": ("mp2", "mp2", 44_100),
    ".mpga": ("mp3", "libmp3lame", 22_050),
    ".adts": ("adts", "aac", 48_000),
    ".m4r": ("ipod", "aac", 44_100),
    ".f4a": ("ipod", "aac", 44_100),
    ".f4v": ("f4v", "aac", 44_100),
    ".qt": ("mov", "alac", 44_100),
    ".3g2": ("3g2", "aac", 16_000),
    ".ogv": ("ogg", "vorbis", 44_100),
    ".ogx": ("ogg", "flac", 48_000),
    ".wave": ("wav", "pcm_f32le", 44_100),
    ".bwf": ("wav", "pcm_s24le", 48_000),
    ".aifc": ("aiff", "pcm_mulaw", 22_050),
    ".afc": ("aiff", "pcm_alaw", 22_050),
    ".snd": ("au", "pcm_mulaw", 22_050),
    ".wmv": ("asf", "wmav2", 44_100),
    ".asf": ("asf", "wmav1", 44_100),
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
        if container not in {"3gp", "3g2"}:
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
    """Root mean square of the middle half, away from the fades of encoders."""
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
    """Reference downmix of planar sound that does not rely on PyAV's number of planes."""
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


def refuses(path: str | Path, error: type[AudioError], **options: float) -> str:
    with pytest.raises(error) as caught:
        load_audio(path, RATE_HZ, **options)
    assert type(caught.value) is error
    name = Path(path).name
    assert name not in repr(caught.value)
    message = caught.value.about(name)
    assert message.endswith(".")
    assert message.count("\n") == 0
    assert "/" not in message
    assert "please" in message
    return message
