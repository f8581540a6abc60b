"""Stereo that cancels in its mean, and channels that are damaged."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app.audio import open_audio
from genre_app.audio.downmix import Downmix
from tests.audio.recordings import write_wav
from tests.sounds import noise, tone

RATE_HZ = 16_000
Wave = NDArray[np.float32]


def blocks(left: Wave, right: Wave) -> list[Wave]:
    return np.array_split(np.stack([left, right]), 5, axis=1)


def test_an_inverted_side_is_turned_around() -> None:
    downmix, sound = Downmix(), tone(2.0, RATE_HZ)
    mixed = np.concatenate([downmix.mix(block) for block in blocks(sound, -sound)])
    np.testing.assert_allclose(mixed, sound, atol=1e-6)
    assert "cancel each other" in downmix.notes[0]


def test_an_inverted_side_of_a_stereo_recording_gives_what_the_right_one_gives() -> None:
    middle, only_left = noise(2.0, RATE_HZ), noise(2.0, RATE_HZ, amplitude=0.2, seed=1)
    right_way = np.concatenate([Downmix().mix(block) for block in blocks(middle + only_left, middle)])
    inverted = np.concatenate([Downmix().mix(block) for block in blocks(middle + only_left, -middle)])
    np.testing.assert_allclose(inverted, right_way, atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["unrelated", "half shared", "the same"])
def test_the_mean_of_other_stereo_is_plain(share: float) -> None:
    left, other = noise(2.0, RATE_HZ), noise(2.0, RATE_HZ, seed=1)
    right = share * left + (1 - share) * other
    downmix = Downmix()
    mixed = np.concatenate([downmix.mix(block) for block in blocks(left, right.astype(np.float32))])
    np.testing.assert_allclose(mixed, (left + right) / 2, atol=1e-6)
    assert downmix.notes == ()


def test_a_silent_start_decides_nothing() -> None:
    downmix = Downmix()
    silence, sound = np.zeros((2, RATE_HZ), np.float32), tone(1.0, RATE_HZ)
    assert not downmix.mix(silence).any()
    np.testing.assert_allclose(downmix.mix(np.stack([sound, -sound])), sound, atol=1e-6)


def test_a_damaged_channel_does_not_silence_the_other() -> None:
    sound = tone(1.0, RATE_HZ)
    damaged = np.stack([np.full_like(sound, np.nan), sound])
    downmix = Downmix()
    np.testing.assert_allclose(downmix.mix(damaged), sound)
    assert downmix.notes == ("Samples that are no numbers, or a million times too loud, were left out.",)


def test_the_result_of_a_file_says_so(tmp_path: Path) -> None:
    sound = tone(3.0, RATE_HZ)
    path = write_wav(tmp_path / "inverted.wav", np.stack([sound, -sound], axis=1), RATE_HZ, kind=3)
    with open_audio(path, RATE_HZ) as stream:
        heard = np.concatenate(list(stream))
    np.testing.assert_allclose(heard, sound, atol=1e-6)
    assert "one of them is inverted" in stream.warnings[0]
