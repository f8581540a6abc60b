"""Odd files as people have them: heard in full, or the notes say what was not."""

import re
import struct
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import errors
from genre_app.audio import AudioStream, open_audio
from tests.audio.recordings import FORMATS, RATE_HZ, dominant_hz, encode, encode_tone, refuses, tone, write_wav

Samples = NDArray[np.float32]
#: Tones, each of which is told from its neighbours.
FREQUENCIES_HZ = (440.0, 880.0, 1320.0)
W64_FORMAT = b"fmt \xf3\xac\xd3\x11\x8c\xd1\x00\xc0O\x8e\xdb\x8a"


def decode(path: Path) -> tuple[Samples, AudioStream]:
    with open_audio(path, RATE_HZ) as stream:
        return np.concatenate(list(stream)), stream


def tones(samples: Samples) -> list[int]:
    """Return the tone of each second, in Hz; 0 for silence."""
    seconds = [samples[start : start + RATE_HZ] for start in range(0, len(samples) - RATE_HZ // 2, RATE_HZ)]
    return [round(dominant_hz(second)) if np.abs(second).max() > 0.01 else 0 for second in seconds]


def joined(folder: Path, container: str, codec: str, *links: tuple[int, int]) -> Path:
    """Join recordings of two seconds, each with a tone of its own: rate in Hz and channels."""
    path = folder / "joined"
    content = b""
    for (rate_hz, n_channels), frequency_hz in zip(links, FREQUENCIES_HZ, strict=False):
        channels = np.tile(tone(2.0, rate_hz, frequency_hz), (n_channels, 1))
        content += encode(folder / "link", container, codec, rate_hz, channels).read_bytes()
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("codec", "links"),
    [
        ("vorbis", [(44_100, 2), (44_100, 2), (44_100, 2)]),
        ("vorbis", [(44_100, 2), (22_050, 2), (48_000, 2)]),
        ("libopus", [(48_000, 2), (48_000, 1), (48_000, 2)]),
        ("flac", [(44_100, 2), (44_100, 1), (96_000, 2)]),
    ],
)
def test_every_link_of_a_chained_ogg_is_heard(tmp_path: Path, codec: str, links: list[tuple[int, int]]) -> None:
    samples, stream = decode(joined(tmp_path, "ogg", codec, *links))
    assert tones(samples) == [440, 440, 880, 880, 1320, 1320]
    assert len(samples) / RATE_HZ == pytest.approx(6.0, abs=0.05)
    assert (stream.info.duration_s, stream.warnings) == (None, ())


def test_a_first_link_without_sound_does_not_hide_the_second(tmp_path: Path) -> None:
    path = joined(tmp_path, "ogg", "libopus", (48_000, 2), (48_000, 1))
    content = path.read_bytes()
    pages = [match.start() for match in re.finditer(b"OggS", content)]
    second = content.index(b"OpusHead", 100) - 28
    path.write_bytes(content[: pages[2]] + content[second:])  # two pages are headers
    samples, stream = decode(path)
    assert tones(samples) == [880, 880]
    assert stream.info.n_channels == 1


def test_a_link_that_cannot_be_read_is_mentioned(tmp_path: Path) -> None:
    path = joined(tmp_path, "ogg", "vorbis", (44_100, 2), (44_100, 2), (44_100, 2))
    content = bytearray(path.read_bytes())
    second = content.index(b"\x01vorbis", 100)
    content[second + 7 : second + 60] = bytes(53)  # the rest of its header
    path.write_bytes(content)
    samples, stream = decode(path)
    assert tones(samples) == [440, 440, 1320, 1320]
    assert stream.warnings == ("1 of the 3 recordings in the file was not readable.",)


@pytest.mark.parametrize(
    "extension", [".wav", ".aiff", ".caf", ".w64", ".m4a", ".aac", ".flac", ".mka", ".webm", ".mp3"]
)
def test_joined_files_are_heard_to_the_end_of_the_last(tmp_path: Path, extension: str) -> None:
    container, codec, rate_hz = FORMATS[extension]
    samples, _ = decode(joined(tmp_path, container, codec, (rate_hz, 2), (rate_hz, 2)))
    assert tones(samples) == [440, 440, 880, 880]


def test_a_rate_may_change_within_aac(tmp_path: Path) -> None:
    samples, _ = decode(joined(tmp_path, "adts", "aac", (44_100, 2), (22_050, 1)))
    assert tones(samples)[:4] == [440, 440, 880, 880]


@pytest.mark.parametrize("n_bytes", [1000, 900_000, 3_000_000])
@pytest.mark.parametrize("extension", [".mp3", ".flac", ".webm"])
def test_stray_bytes_in_front_are_left_out_and_mentioned(tmp_path: Path, extension: str, n_bytes: int) -> None:
    path = encode_tone(tmp_path / f"tone{extension}", seconds=3.0)
    path.write_bytes(np.random.default_rng(4).bytes(n_bytes) + path.read_bytes())
    samples, stream = decode(path)
    assert tones(samples) == [440] * 3
    assert stream.info.duration_s == pytest.approx(3.0, abs=0.1)
    amount = "1 kB" if n_bytes == 1000 else f"{n_bytes // 1000} kB" if n_bytes < 1e6 else "3.0 MB"
    assert stream.warnings == (f"The first {amount} of the file could not be read and were left out.",)


def test_a_second_beginning_is_taken_if_the_first_is_none(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.flac", seconds=3.0)
    path.write_bytes(path.read_bytes()[:30] + bytes(3000) + path.read_bytes())
    samples, _ = decode(path)
    assert tones(samples) == [440] * 3


def with_data_size(path: Path, n_bytes: int) -> Path:
    content = bytearray(path.read_bytes())
    content[40:44] = struct.pack("<I", n_bytes)
    path.write_bytes(content)
    return path


def test_a_wav_that_goes_on_behind_its_header_is_heard_in_full(tmp_path: Path) -> None:
    path = with_data_size(write_wav(tmp_path / "cut.wav", tone(10.0, RATE_HZ)[:, None], RATE_HZ, kind=3), 4 * RATE_HZ)
    samples, stream = decode(path)
    assert tones(samples) == [440] * 10
    assert stream.warnings == ("The file's header announces 1.0 s but 10.0 s are there; all of them were analysed.",)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000])
def test_a_wav_that_was_streamed_has_no_size_and_is_whole(tmp_path: Path, size: int) -> None:
    path = with_data_size(write_wav(tmp_path / "live.wav", tone(2.0, RATE_HZ)[:, None], RATE_HZ, kind=3), size)
    samples, stream = decode(path)
    np.testing.assert_array_equal(samples, tone(2.0, RATE_HZ))
    assert stream.warnings == ()


def write_paused(
    path: Path, container: str, codec: str, pause_s: float, *, n_tracks: int = 1, film_s: float = 0
) -> Path:
    """Write six seconds of sound, with time stamps that pause after three; and pictures for as long as said."""
    rate_hz = 48_000
    with av.open(str(path), "w", format=container) as output:
        streams = [output.add_stream(codec, rate=rate_hz, layout="stereo") for _ in range(n_tracks)]
        if film_s:
            film = output.add_stream("mpeg4", rate=10)
            assert isinstance(film, av.VideoStream)
            film.width = film.height = 64
        for stream in streams:
            assert isinstance(stream, av.AudioStream)
            frame = av.AudioFrame.from_ndarray(np.tile(tone(6.0, rate_hz), (2, 1)), format="fltp", layout="stereo")
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), 0
            for packet in (*stream.encode(frame), *stream.encode(None)):
                assert packet.pts is not None
                if packet.pts * packet.time_base >= 3:
                    packet.pts = packet.dts = packet.pts + round(pause_s / packet.time_base)
                output.mux(packet)
        if film_s:
            for _ in range(round(film_s * 10)):
                output.mux(film.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
            output.mux(film.encode(None))
    return path


@pytest.mark.parametrize(
    ("container", "codec"),
    [("matroska", "libopus"), ("matroska", "ac3"), ("webm", "libopus"), ("mp4", "aac"), ("ogg", "libopus")],
)
def test_a_pause_in_the_time_stamps_is_silence_where_it_is(tmp_path: Path, container: str, codec: str) -> None:
    samples, stream = decode(write_paused(tmp_path / "paused", container, codec, 3.0))
    assert len(samples) / RATE_HZ == pytest.approx(9.0, abs=0.05)
    heard = tones(samples)
    assert (heard[:3], heard[4], heard[-2:]) == ([440] * 3, 0, [440] * 2)
    assert stream.warnings == ("There is a gap of 3.0 s at 0:03; silence stands in for it.",)


def test_a_clock_that_leaps_does_not_make_hours_of_silence(tmp_path: Path) -> None:
    samples, stream = decode(write_paused(tmp_path / "leaping.mkv", "matroska", "ac3", 7200.0))
    assert tones(samples) == [440] * 6
    assert stream.warnings == ("The file's clock jumps by 2:00:00 at 0:03; what follows was moved up to there.",)


@pytest.mark.parametrize("container", ["matroska", "mp4", "avi"])
def test_longer_pictures_do_not_make_the_sound_incomplete(tmp_path: Path, container: str) -> None:
    _, stream = decode(write_paused(tmp_path / "film", container, "ac3", 0.0, film_s=12.0))
    assert stream.warnings == ()


def test_a_second_sound_track_is_mentioned(tmp_path: Path) -> None:
    _, stream = decode(write_paused(tmp_path / "film.mkv", "matroska", "ac3", 0.0, n_tracks=2))
    assert stream.warnings == ("The file has 2 sound tracks, such as languages; one of them was analysed.",)


def test_a_lost_piece_of_a_film_leaves_the_rest_in_its_place(tmp_path: Path) -> None:
    path = write_paused(tmp_path / "film.mp4", "mp4", "aac", 0.0)
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + len(content) // 6] = bytes(len(content) // 6)
    path.write_bytes(content)
    samples, stream = decode(path)
    assert len(samples) / RATE_HZ == pytest.approx(6.0, abs=0.1)
    assert "skipped" in stream.warnings[0]
    assert "silence stands in" in stream.warnings[1]


@pytest.mark.parametrize("n_samples", [1, 2, 5, 400])
def test_a_few_samples_are_a_clear_error(tmp_path: Path, n_samples: int) -> None:
    path = write_wav(tmp_path / "click.wav", np.full((n_samples, 1), 9000, "<i2"))
    assert "too short" in refuses(path, errors.TruncatedAudioError)


@pytest.mark.parametrize("rate_hz", [1, 999, 1_000_001, 48_000_000, 1_000_000_000])
def test_a_rate_that_no_recording_has_is_a_clear_error(tmp_path: Path, rate_hz: int) -> None:
    path = write_wav(tmp_path / "odd.wav", np.zeros((2000, 1), "<i2"), rate_hz)
    assert f"claims {rate_hz} samples per second" in refuses(path, errors.UndecodableAudioError)


def test_a_caf_that_claims_a_radio_s_rate_sizes_nothing(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.caf")
    content = bytearray(path.read_bytes())
    place = content.index(b"desc") + 12
    content[place : place + 8] = struct.pack(">d", 288e6)
    path.write_bytes(content)
    assert "288000000 samples per second" in refuses(path, errors.UndecodableAudioError)


def change_size(path: Path, name: bytes, size: bytes) -> None:
    content = bytearray(path.read_bytes())
    place = content.index(name) + len(name)
    content[place : place + len(size)] = size
    path.write_bytes(content)


@pytest.mark.parametrize(("extension", "name"), [(".caf", b"desc"), (".caf", b"data"), (".w64", W64_FORMAT)])
@pytest.mark.parametrize("size", [b"\x7f" * 8, b"\xff" * 8, b"\x80" + bytes(7), bytes(6) + b"\xff\xff"])
def test_a_damaged_header_is_not_blamed_on_the_disk(
    tmp_path: Path, extension: str, name: bytes, size: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    path = encode_tone(tmp_path / f"tone{extension}")
    change_size(path, name, size)
    with suppress(errors.TruncatedAudioError, errors.UndecodableAudioError):
        decode(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("break_it", [ZeroDivisionError, StopIteration, OSError], ids=lambda kind: kind.__name__)
def test_what_nobody_foresaw_is_a_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, break_it: Callable[[], Exception]
) -> None:
    def fail(*_: object) -> None:
        raise break_it()

    path = encode_tone(tmp_path / "tone.wav")
    monkeypatch.setattr("genre_app.audio.mono.to_channels", fail)
    assert "could not be decoded" in refuses(path, errors.AudioError)
    assert "nobody foresaw" in caplog.text
