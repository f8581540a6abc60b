"""Each variant has the property that it is named after, in memory and as a file."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import numpy as np
import pytest

from genre_app.audio import load_audio
from genre_app.errors import AudioError, UndecodableAudioError
from genre_app.evaluate import recordings
from genre_app.evaluate.recordings import Block, Recording, open_recording, write_mp3, write_wav
from genre_app.evaluate.variants import (
    VARIANTS,
    excerpt,
    mixed_down,
    resampled,
    with_gain,
    with_offset,
    with_polarity,
    with_silence_before,
    with_silence_behind,
)
from tests.sounds import noise, tone

RATE_HZ = 16_000
BY_NAME = {variant.name: variant for variant in VARIANTS}


def joined(blocks: Iterable[Block]) -> Block:
    return np.concatenate(list(blocks), axis=1)


def level(sound: Block) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


@pytest.fixture
def stereo() -> Block:
    """A second of two different channels."""
    return np.stack([tone(1, RATE_HZ, frequency_hz=500), tone(1, RATE_HZ, frequency_hz=2000, amplitude=0.3)])


@pytest.fixture
def blocks(stereo: Block) -> list[Block]:
    return np.array_split(stereo, [100, 7000, 7001], axis=1)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """Twelve seconds of stereo."""
    sides = np.stack([tone(12, RATE_HZ, frequency_hz=500), noise(12, RATE_HZ, amplitude=0.1)])
    path = tmp_path / "stereo.wav"
    write_wav(path, [sides], RATE_HZ)
    return open_recording(path)


def written(name: str, recording: Recording) -> tuple[Recording, Block]:
    """Write a variant; return the file and what it holds."""
    variant = BY_NAME[name]
    assert variant.why_not(recording) is None
    path = recording.path.with_name(f"variant{variant.suffix}")
    variant.write(recording, path)
    changed = open_recording(path)
    return changed, joined(changed.blocks())


def test_silence_goes_before_and_behind(blocks: list[Block], stereo: Block) -> None:
    before, behind = joined(with_silence_before(blocks, 50)), joined(with_silence_behind(blocks, 50))
    np.testing.assert_array_equal(before[:, 50:], stereo)
    np.testing.assert_array_equal(behind[:, :-50], stereo)
    assert not before[:, :50].any()
    assert not behind[:, -50:].any()


@pytest.mark.parametrize("gain_db", [-12, -55])
def test_gain_is_in_decibels(blocks: list[Block], stereo: Block, gain_db: float) -> None:
    assert 20 * math.log10(level(joined(with_gain(blocks, gain_db))) / level(stereo)) == pytest.approx(
        gain_db, abs=1e-3
    )


@pytest.mark.parametrize("offset", [0.1, -0.1])
def test_an_offset_is_the_mean_and_nothing_clips(offset: float) -> None:
    full_scale = tone(1, RATE_HZ, amplitude=1.0)[None]
    lifted = joined(with_offset([full_scale], offset))
    assert lifted.mean() == pytest.approx(offset, abs=1e-4)
    assert np.abs(lifted).max() <= 1 + 1e-6


def test_one_channel_or_all_are_inverted(blocks: list[Block], stereo: Block) -> None:
    np.testing.assert_array_equal(joined(with_polarity(blocks, (1, -1))), [stereo[0], -stereo[1]])
    np.testing.assert_array_equal(joined(with_polarity(blocks, (-1,))), -stereo)


@pytest.mark.parametrize("n_channels", [1, 2])
def test_resampling_keeps_length_and_channels(blocks: list[Block], n_channels: int) -> None:
    low = joined(resampled([block[:n_channels] for block in blocks], RATE_HZ, 8000))
    assert low.shape == (n_channels, 8000)
    np.testing.assert_allclose(low[0, 500:-500], tone(1, 8000, frequency_hz=500)[500:-500], atol=1e-3)


@pytest.mark.parametrize(("start", "n_samples"), [(0, 50), (90, 20), (150, 6900), (15_990, 10)])
def test_an_excerpt_is_cut_across_blocks(blocks: list[Block], stereo: Block, start: int, n_samples: int) -> None:
    np.testing.assert_array_equal(joined(excerpt(blocks, start, n_samples)), stereo[:, start : start + n_samples])


def test_surround_is_averaged_and_stereo_stays(stereo: Block) -> None:
    surround = np.concatenate([stereo, stereo, stereo])
    np.testing.assert_allclose(joined(mixed_down([surround])), stereo.mean(axis=0)[None], atol=1e-6)
    np.testing.assert_array_equal(joined(mixed_down([stereo])), stereo)


def test_a_recording_is_read_with_all_channels(recording: Recording) -> None:
    assert (recording.rate_hz, recording.n_channels, recording.duration_s) == (RATE_HZ, 2, 12.0)
    sound = joined(recording.blocks())
    np.testing.assert_allclose(sound[0], tone(12, RATE_HZ, frequency_hz=500), atol=1e-4)
    np.testing.assert_allclose(joined(recording.blocks()), sound)


def test_what_is_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    write_wav(tmp_path / "loud.wav", [np.array([[3.0, -3.0, 0.5]], np.float32)], RATE_HZ)
    sound = joined(open_recording(tmp_path / "loud.wav").blocks())
    np.testing.assert_allclose(sound, [[1.0, -1.0, 0.5]], atol=1e-4)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("a minute of silence before", 72.0),
        ("a minute of silence behind", 72.0),
        ("1.2 s later", 13.2),
        ("12 dB less", 12.0),
        ("55 dB less", 12.0),
        ("an offset of 0.1", 12.0),
        ("one channel inverted", 12.0),
        ("all channels inverted", 12.0),
        ("8 kHz", 12.0),
        ("10 s from the middle", 10.0),
    ],
)
def test_a_variant_is_a_file_of_the_expected_length(recording: Recording, name: str, seconds: float) -> None:
    changed, _ = written(name, recording)
    assert changed.duration_s == pytest.approx(seconds, abs=1e-3)
    assert changed.n_channels == 2
    assert changed.rate_hz == (8000 if name == "8 kHz" else RATE_HZ)
    with av.open(changed.path) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_s16le"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("12 dB less", lambda sound: sound * 10 ** (-12 / 20)),
        ("55 dB less", lambda sound: sound * 10 ** (-55 / 20)),
        ("an offset of 0.1", lambda sound: 0.9 * sound + 0.1),
        ("one channel inverted", lambda sound: sound * [[1], [-1]]),
        ("all channels inverted", lambda sound: -sound),
        ("10 s from the middle", lambda sound: sound[:, RATE_HZ : 11 * RATE_HZ]),
    ],
)
def test_a_written_variant_holds_what_it_says(
    recording: Recording, name: str, change: Callable[[Block], Block]
) -> None:
    _, sound = written(name, recording)
    np.testing.assert_allclose(sound, change(joined(recording.blocks())), atol=1e-4)


def test_a_minute_of_silence_is_silent_and_lasts_a_minute(recording: Recording) -> None:
    _, before = written("a minute of silence before", recording)
    _, behind = written("a minute of silence behind", recording)
    assert not before[:, : 60 * RATE_HZ].any()
    assert not behind[:, 12 * RATE_HZ :].any()


def test_one_inverted_channel_cancels_equal_sides(tmp_path: Path) -> None:
    side = tone(1, RATE_HZ)
    write_wav(tmp_path / "equal.wav", [np.stack([side, side])], RATE_HZ)
    _, sound = written("one channel inverted", open_recording(tmp_path / "equal.wav"))
    assert np.abs(sound.mean(axis=0)).max() < 1e-6


@pytest.mark.parametrize(
    ("rate_hz", "expected_hz"), [(RATE_HZ, RATE_HZ), (44_100, 44_100), (96_000, 44_100), (9000, 11_025)]
)
def test_mp3_has_its_bit_rate_and_a_rate_that_exists(tmp_path: Path, rate_hz: int, expected_hz: int) -> None:
    sides = np.stack([tone(2, rate_hz), tone(2, rate_hz, frequency_hz=700)])
    write_wav(tmp_path / "source.wav", [sides], rate_hz)
    changed, sound = written("MP3 at 64 kbit/s", open_recording(tmp_path / "source.wav"))
    assert (changed.rate_hz, changed.n_channels) == (expected_hz, 2)
    assert changed.duration_s == pytest.approx(2, abs=0.3)
    assert level(sound[:, expected_hz // 2 : expected_hz]) == pytest.approx(level(sides), rel=0.1)
    with av.open(changed.path) as container:
        assert container.format.name == "mp3"
        assert container.streams.audio[0].codec_context.bit_rate == 64_000


def test_mono_mp3_is_mono(tmp_path: Path) -> None:
    write_mp3(tmp_path / "mono.mp3", [tone(1, 44_100)[None]], 44_100, kbit_per_s=64)
    assert open_recording(tmp_path / "mono.mp3").n_channels == 1
    assert level(load_audio(tmp_path / "mono.mp3", 44_100)) > 0.3


def test_what_cannot_be_changed_says_why(tmp_path: Path) -> None:
    short = Recording(tmp_path, 8000, 1, 9 * 8000)
    reasons = {variant.name: reason for variant in VARIANTS if (reason := variant.why_not(short))}
    assert reasons == {
        "one channel inverted": "not stereo",
        "8 kHz": "no more than 8 kHz already",
        "10 s from the middle": "shorter than 10 s",
    }


def test_what_is_no_audio_is_explained(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound at all")
    with pytest.raises(AudioError):
        open_recording(tmp_path / "text.wav")


def test_a_file_whose_channels_change_is_refused(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Recording(recording.path, recording.rate_hz, 1, recording.n_samples)
    with pytest.raises(UndecodableAudioError, match="No variants of the file"):
        list(other.blocks())
    monkeypatch.setattr(recordings, "_frames", lambda _: iter(()))
    with pytest.raises(UndecodableAudioError, match="No variants of the file"):
        open_recording(recording.path)
