"""Tempo, key and chords of known tunes, and none of other sound."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from genre_app.audio import load_audio
from genre_app.music.facts import LONGEST_S, SAMPLE_RATE_HZ, MiddleExcerpt, compute_facts
from genre_app.results.schema import TrackFacts
from tests.music.tunes import MAJOR_PROGRESSIONS, MINOR_PROGRESSIONS, Waveform, clicks, drums, melody, progression
from tests.paths import ROOT

MAJOR_KEYS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
MINOR_KEYS = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"]
N_SAMPLES = 20 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("bpm", [60, 75, 90, 110, 128, 140, 174])
def test_the_tempo_of_a_metronome_is_found(bpm: float) -> None:
    assert compute_facts(clicks(bpm)).tempo_bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("bpm", [45, 200])
def test_the_tempo_of_an_extreme_metronome_is_found_up_to_an_octave(bpm: float) -> None:
    tempo = compute_facts(clicks(bpm)).tempo_bpm
    assert tempo is not None
    assert min(abs(tempo * factor / bpm - 1) for factor in (0.5, 1, 2)) < 0.01


@pytest.mark.parametrize("bpm", [70, 95, 120, 165])
def test_the_tempo_of_drums_is_that_of_beats_not_bars_or_half_beats(bpm: float) -> None:
    assert compute_facts(drums(bpm)).tempo_bpm == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize("tonic", range(12))
def test_the_key_of_progressions_is_found_in_every_key(tonic: int) -> None:
    major, minor = MAJOR_PROGRESSIONS[tonic % 3], MINOR_PROGRESSIONS[tonic // 3 % 3]
    assert compute_facts(progression(tonic, major)).key == f"{MAJOR_KEYS[tonic]} major"
    assert compute_facts(progression(tonic, minor)).key == f"{MINOR_KEYS[tonic]} minor"


@pytest.mark.parametrize("tonic", [0, 5, 10])
@pytest.mark.parametrize("chords", [MAJOR_PROGRESSIONS[0], MINOR_PROGRESSIONS[1]])
def test_chords_are_found_with_their_shares(tonic: int, chords: tuple[tuple[int, bool], ...]) -> None:
    names = {MINOR_KEYS[(tonic + r) % 12] + "m" if minor else MAJOR_KEYS[(tonic + r) % 12] for r, minor in chords}
    facts = compute_facts(progression(tonic, chords))
    assert {one.chord for one in facts.chords} == names
    assert [one.share for one in facts.chords] == pytest.approx([0.25] * 4, abs=0.04)


def test_chords_come_most_frequent_first() -> None:
    facts = compute_facts(progression(9, MINOR_PROGRESSIONS[0]))
    assert [one.chord for one in facts.chords] == ["Am", "Dm", "E"]
    assert [one.share for one in facts.chords] == pytest.approx([0.5, 0.25, 0.25], abs=0.05)


def test_a_melody_without_chords_has_a_key() -> None:
    scale = [55 + step for step in (0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2)]
    assert compute_facts(melody(scale)).key == "G major"


def test_a_gain_changes_nothing() -> None:
    tune = progression(4, MAJOR_PROGRESSIONS[0])
    assert compute_facts(tune * np.float32(0.01)) == compute_facts(tune)


def _noise(kind: str) -> Waveform:
    random, time_s = np.random.default_rng(0), np.arange(N_SAMPLES) / SAMPLE_RATE_HZ
    white = random.normal(size=N_SAMPLES)
    sounds = {
        "silence": np.zeros(N_SAMPLES),
        "faint noise": 1e-5 * white,
        "white noise": 0.1 * white,
        "brown noise": 1e-3 * np.cumsum(white),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time_s),
        "sweep": 0.3 * np.sin(2 * np.pi * np.cumsum(110 * 2 ** (time_s / 5)) / SAMPLE_RATE_HZ),
    }
    return sounds[kind].astype(np.float32)


@pytest.mark.parametrize("kind", ["silence", "faint noise", "white noise", "brown noise", "tone", "sweep"])
def test_other_sound_has_neither_tempo_nor_key_nor_chords(kind: str) -> None:
    assert compute_facts(_noise(kind)) == TrackFacts(analysed_seconds=20.0)


def test_clicks_have_no_key() -> None:
    facts = compute_facts(clicks(120))
    assert (facts.key, facts.key_confidence, facts.chords) == (None, None, ())


@pytest.mark.parametrize("n_samples", [0, 1, 100, SAMPLE_RATE_HZ, 3 * SAMPLE_RATE_HZ])
def test_a_short_track_is_no_error(n_samples: int) -> None:
    facts = compute_facts(progression(0, MAJOR_PROGRESSIONS[0])[:n_samples])
    assert facts.analysed_seconds == pytest.approx(n_samples / SAMPLE_RATE_HZ, abs=1e-3)


def _blocks(n_samples: int, read: list[int]) -> Iterator[Waveform]:
    for start in range(0, n_samples, 30_000):
        read.append(start)
        yield np.arange(start, min(start + 30_000, n_samples), dtype=np.float32)


@pytest.mark.parametrize(
    ("actual_s", "stated_s", "first_s"),
    [(300, 300, 90), (300, None, 0), (50, 50, 0), (50, None, 0), (200, 600, 80), (300, 130, 5), (0, None, 0)],
)
def test_the_middle_of_a_stream_is_kept_and_no_more_is_read(
    actual_s: int, stated_s: float | None, first_s: int
) -> None:
    read: list[int] = []
    excerpt = MiddleExcerpt(stated_s)
    for block in _blocks(actual_s * SAMPLE_RATE_HZ, read):
        if not excerpt.take(block):
            break
    expected = np.arange(min(LONGEST_S, actual_s) * SAMPLE_RATE_HZ) + first_s * SAMPLE_RATE_HZ
    np.testing.assert_array_equal(excerpt.finish(), expected.astype(np.float32))
    assert len(read) <= (first_s + LONGEST_S) * SAMPLE_RATE_HZ / 30_000 + 1


def test_a_long_track_costs_no_more_than_its_middle() -> None:
    middle = np.resize(progression(0, MAJOR_PROGRESSIONS[0]), round(LONGEST_S * SAMPLE_RATE_HZ))
    unread = np.full(60 * SAMPLE_RATE_HZ, np.nan, np.float32)  # any arithmetic with it would show
    facts = compute_facts(np.concatenate([unread, middle, unread]))
    assert facts == compute_facts(middle)
    assert facts.analysed_seconds == LONGEST_S


def test_facts_need_neither_torch_nor_librosa() -> None:
    heavy = "{'torch', 'numba', 'librosa', 'sklearn'}"
    probe = f"import sys, genre_app.music.facts; print(*sorted({heavy} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.shared
@pytest.mark.parametrize("name", ["reading_aloud.speech.webm", "humpback.animal.wav"])
def test_speech_and_whales_have_neither_tempo_nor_key(shared_audio: Callable[[str], Path], name: str) -> None:
    facts = compute_facts(load_audio(shared_audio(name), SAMPLE_RATE_HZ))
    assert (facts.tempo_bpm, facts.key, facts.chords) == (None, None, ())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "key", "bpm"),
    [
        ("sugar_plum_fairy.classical.m4a", "E minor", None),
        ("internal_degeneration.metal.ogg", "E minor", 95),
        ("vibe_ace.jazz.mp3", "E major", None),
    ],
)
def test_real_music_has_its_key(shared_audio: Callable[[str], Path], name: str, key: str, bpm: float | None) -> None:
    facts = compute_facts(load_audio(shared_audio(name), SAMPLE_RATE_HZ))
    assert facts.key == key
    assert facts.chords
    assert facts.tempo_bpm is not None
    assert bpm is None or facts.tempo_bpm == pytest.approx(bpm, rel=0.02)
