"""A folder of small files with realistic oddities."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from tests.sounds import tone, write_wav

#: Container, codec and rate of each extension.
FORMATS: Final = {
    "mp3": ("mp3", "libmp3lame", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "flac": ("flac", "flac", 44_100),
    "ogg": ("ogg", "vorbis", 44_100),
    "opus": ("opus", "libopus", 48_000),
    "wav": ("wav", "pcm_s16le", 8_000),
    "aiff": ("aiff", "pcm_s16be", 22_050),
    "webm": ("webm", "libopus", 48_000),
    "mka": ("matroska", "flac", 44_100),
    "au": ("au", "pcm_s16be", 8_000),
}
_NAMES: Final = (
    *("plain", "with spaces in it", "Ünïcödé 音楽 ♪", "-leading dash", "x" * 195, 'quo\'te "double"'),
    *("per%cent & amp <b>", "#hash?query", "=1+1", "semi;colon,comma", "new.dots.in.name", "UPPER"),
)
_FOLDERS: Final = ("", "Album", "Album/CD 1", "Album/CD 2", "日本", "-dash folder")


@dataclass(frozen=True, slots=True)
class MusicFolder:
    """The places of the tracks in the folder that can be classified, and of those that cannot."""

    path: Path
    good: frozenset[str]
    broken: frozenset[str]


def encode(path: Path, samples: NDArray[np.float32], rate_hz: int) -> Path:
    """Write a stereo file in the format of its extension; libopus takes 48 kHz only."""
    container, codec, _ = FORMATS[path.suffix[1:].lower()]
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate_hz, layout="stereo", options={"strict": "-2"})
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.stack([samples, samples]), format="fltp", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def make_music_folder(top: Path) -> MusicFolder:
    """Create about fifty good tracks of 1 to 4 seconds, ten broken ones, and other files."""
    good = _make_good(top)
    broken = _make_broken(top / "broken")
    (top / "Album" / "loop").symlink_to("..")
    (top / "nowhere").symlink_to("nowhere")
    (top / ".hidden.mp3").write_bytes(b"x")
    (top / ".hidden").mkdir()
    (top / ".hidden" / "a.mp3").write_bytes(b"x")
    (top / "notes.txt").write_text("x")
    return MusicFolder(top, frozenset(good), frozenset(f"broken/{name}" for name in broken))


def _make_good(top: Path) -> list[str]:
    good = []
    for index in range(50):
        extension = list(FORMATS)[index % len(FORMATS)]
        rate_hz = FORMATS[extension][2]
        name = f"{_NAMES[index % len(_NAMES)]}.{extension}"
        place = f"{_FOLDERS[index % len(_FOLDERS)]}/{name}".lstrip("/")
        if (top / place).exists():
            place = f"{_FOLDERS[index % len(_FOLDERS)]}/{index} {name[-60:]}".lstrip("/")
        (top / place).parent.mkdir(parents=True, exist_ok=True)
        sound = tone(1 + index % 4, rate_hz, amplitude=0.1 + 0.015 * index, frequency_hz=220 + 10 * index)
        encode(top / place, sound, rate_hz)
        good.append(place)
    for extension in ("mp3", "wav"):
        encode(top / f"a.{extension}", tone(1, 44_100), 44_100)
        good.append(f"a.{extension}")
    return good


def _make_broken(folder: Path) -> list[str]:
    folder.mkdir()
    whole = encode(folder / "whole.m4a", tone(2, 44_100), 44_100)
    noise = np.random.default_rng(0).bytes(30_000)
    contents = {
        "empty.mp3": b"",
        "text.mp3": b"not music at all " * 100,
        "noise.flac": noise,
        "zeros.wav": bytes(30_000),
        "picture.m4a": b"\x89PNG\r\n\x1a\n" + noise,
        "stump.m4a": whole.read_bytes()[:500],
        "signature.ogg": b"OggS",
        "page.opus": b"<html><body>Not found</body></html>",
    }
    whole.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    header = write_wav(folder / "header.wav", tone(1, 8000), 8000)
    header.write_bytes(header.read_bytes()[:44])
    (folder / "dangling.mp3").symlink_to("nowhere.mp3")
    return [*contents, "header.wav", "dangling.mp3"]
