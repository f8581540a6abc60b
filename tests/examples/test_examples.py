"""The example recordings: reproducible, shipped as composed, and recognised as their styles."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import ClassificationResult, GenreClassifier, Settings, SliceOptions
from genre_app.audio import load_audio, open_audio
from genre_app.examples import EXAMPLES, Example
from tests.paths import ROOT
from tools.compose_examples.encoding import write_mp3
from tools.compose_examples.make import RECORDINGS, render
from tools.compose_examples.pieces import disco, hiphop, jazz, prelude, reggae
from tools.compose_examples.pieces.medley import cross_fade
from tools.compose_examples.score import Clock, Stem, chord_of, melody, pitch_of
from tools.compose_examples.synthesis import RATE_HZ, PluckedString, frequency_hz, pluck

COMPOSERS: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "disco": disco.compose,
    "hiphop": hiphop.compose,
    "jazz": jazz.compose,
    "prelude": prelude.compose,
    "reggae": reggae.compose,
}
GENRES = {"piano-prelude": "classical", "jazz-trio": "jazz", "disco-night": "disco"}
MEDLEY = "three-style-medley"


def _by_stem(stem: str) -> Example:
    return next(example for example in EXAMPLES if example.path.stem == stem)


def _likeness(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Correlate at the best shift of up to 0.2 s: an MP3 begins with its encoder's delay."""
    n_samples = min(first.size, second.size)
    n_padded = 1 << (2 * n_samples - 1).bit_length()
    spectra = [np.fft.rfft(sound[:n_samples], n_padded) for sound in (first, second)]
    products = np.fft.irfft(spectra[0] * spectra[1].conj())
    n_shift = RATE_HZ // 5
    best = max(products[:n_shift].max(), products[-n_shift:].max())
    return float(best / np.linalg.norm(first[:n_samples]) / np.linalg.norm(second[:n_samples]))


# What a page offers


def test_there_are_three_pieces_and_a_medley_with_descriptions() -> None:
    assert {example.path.stem for example in EXAMPLES} == {*GENRES, MEDLEY} == RECORDINGS.keys()
    for stem, genre in GENRES.items():
        example = _by_stem(stem)
        assert genre in f"{example.title} {example.description}".lower()
    assert all(style in _by_stem(MEDLEY).description.lower() for style in ("hip-hop", "reggae", "classical"))
    assert all(example.description.endswith(".") for example in EXAMPLES)


def test_naming_the_examples_loads_nothing_heavy() -> None:
    probe = "import sys, genre_app.examples; print({'numpy', 'scipy', 'torch', 'av'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path.stem)
def test_a_shipped_file_is_small_and_decodes_to_sound_of_its_length(example: Example) -> None:
    assert example.path.stat().st_size < 400_000
    shortest_s, longest_s = (75, 90) if example.path.stem == MEDLEY else (30, 45)
    with open_audio(example.path, RATE_HZ) as stream:
        assert (stream.info.codec, stream.info.sample_rate_hz) == ("mp3", RATE_HZ)
        samples = np.concatenate(list(stream))
        assert stream.warnings == ()
    assert shortest_s < samples.size / RATE_HZ < longest_s
    assert np.abs(samples).max() < 1.0, "it clips"
    blocks = samples[: samples.size // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ).std(axis=1)
    assert blocks[:-4].min() > 0.01, "there is silence before the last chord has rung"


# How they are composed


@pytest.fixture(scope="module", params=COMPOSERS)
def excerpt(request: pytest.FixtureRequest) -> tuple[str, NDArray[np.float64]]:
    return request.param, _play(request.param, seed=1)


def _play(name: str, *, seed: int) -> NDArray[np.float64]:
    """Render the first bars, up to the start of the tune."""
    return COMPOSERS[name](np.random.default_rng(seed), 1 if name == "prelude" else 3)


def test_a_seed_determines_the_performance(excerpt: tuple[str, NDArray[np.float64]]) -> None:
    name, samples = excerpt
    assert np.array_equal(samples, _play(name, seed=1))
    assert not np.array_equal(samples, _play(name, seed=2))


def test_an_excerpt_is_loud_enough_and_below_full_scale(excerpt: tuple[str, NDArray[np.float64]]) -> None:
    _, samples = excerpt
    assert samples.shape[0] == 2
    assert np.abs(samples).max() < 0.8
    assert samples.std() > 0.03
    assert np.abs(samples[:, [0, -1]]).max() < 1e-3, "it starts or ends with a click"


def test_the_shipped_file_is_what_the_script_makes() -> None:
    shipped = load_audio(_by_stem("disco-night").path, RATE_HZ).astype(np.float64)
    assert _likeness(render("disco-night").mean(axis=0), shipped) > 0.95
    assert _likeness(render("disco-night", seed=1).mean(axis=0), shipped) < 0.5


def test_the_medley_is_mono() -> None:
    assert {name: recording.n_channels for name, recording in RECORDINGS.items()}[MEDLEY] == 1


def test_a_cross_fade_keeps_the_loudness_of_unrelated_sounds() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(size=(2, 2, RATE_HZ))
    joined = cross_fade(first, second, 0.5)
    assert joined.shape == (2, 3 * RATE_HZ // 2)
    assert np.array_equal(joined[:, : RATE_HZ // 2], first[:, : RATE_HZ // 2])
    assert np.array_equal(joined[:, RATE_HZ:], second[:, RATE_HZ // 2 :])
    assert joined[:, RATE_HZ // 2 : RATE_HZ].std() == pytest.approx(1.0, abs=0.02)


# The instruments and the notation


@pytest.mark.parametrize("pitch", [28, 45, 60, 76])
def test_a_plucked_string_is_in_tune(pitch: int) -> None:
    string = PluckedString(ring_s=4.0, damping=0.3)
    sound = pluck(pitch, 2.0, np.random.default_rng(0), string)
    n_padded = 16 * sound.size  # bins of 0.03 Hz
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), n_padded))
    bins_hz = np.fft.rfftfreq(n_padded, 1 / RATE_HZ)
    near = np.abs(np.log2(bins_hz[1:] / frequency_hz(pitch))) < 0.25
    found_hz = bins_hz[1:][near][spectrum[1:][near].argmax()]
    assert 1200 * abs(np.log2(found_hz / frequency_hz(pitch))) < 5, "five cents are what an ear may notice"


def test_names_of_notes_and_chords() -> None:
    assert [pitch_of(name) for name in ("C4", "A4", "F#3", "Bb1")] == [60, 69, 54, 34]
    assert chord_of("Bbmaj7", 3) == (58, 62, 65, 69)
    assert chord_of("Bdim7", 3) == (59, 62, 65, 68)
    assert list(melody("A4:1 R:0.5 C5:1.5")) == [(0.0, 1.0, 69), (1.5, 1.5, 72)]


def test_swing_moves_the_half_beat_and_leaves_the_beats() -> None:
    clock = Clock(bpm=60.0, swing=0.66)
    assert [clock.at_s(beat) for beat in (0.0, 1.0, 1.5, 2.0)] == pytest.approx([0.0, 1.0, 1.66, 2.0])


def test_a_sound_lands_on_its_beat_and_its_side() -> None:
    stem = Stem(Clock(bpm=120.0), 4, np.random.default_rng(0), looseness_s=0.0)
    stem.play(np.ones(10), 2.0, pan=-1.0)
    assert np.flatnonzero(stem.samples[0]).tolist() == list(range(RATE_HZ, RATE_HZ + 10))
    assert np.abs(stem.samples[1]).max() < 1e-9


def test_only_one_or_two_channels_are_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not \\(3, 10\\)"):
        write_mp3(tmp_path / "three.mp3", np.zeros((3, 10)), kbit_per_s=64)


# What the app answers


@pytest.fixture(scope="module")
def classifier(scored_examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenreClassifier]:
    cache = shutil.copytree(scored_examples, tmp_path_factory.mktemp("examples") / "cache")
    with GenreClassifier(Settings(model="musicnn", cache_dir=cache)) as classifier:
        yield classifier


@pytest.mark.parametrize("stem", GENRES)
def test_the_app_is_sure_of_a_piece_and_right(classifier: GenreClassifier, stem: str) -> None:
    verdict = classifier.classify_file(_by_stem(stem).path).verdict
    assert (verdict.kind, verdict.genres) == ("confident", [GENRES[stem]])


def test_the_timeline_of_the_medley_goes_through_its_styles_in_order(classifier: GenreClassifier) -> None:
    result = classifier.classify_file(_by_stem(MEDLEY).path, SliceOptions(window_seconds=10, overlap=0.5))
    assert _styles(result) == ["hiphop", "reggae", "classical"]
    assert result.verdict.kind == "uncertain", "no single genre is right for all of it"


def _styles(result: ClassificationResult) -> list[str]:
    genres = [chunk.top_genre for chunk in result.chunk_predictions]
    return [genre for number, genre in enumerate(genres) if number == 0 or genre != genres[number - 1]]
