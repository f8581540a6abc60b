"""Models that hear whole windows: each window is scored once, whatever the sliders do."""

import threading
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genre_app import GenreClassifier, Settings, SliceOptions
from genre_app.audio.decoder import InProcessDecoder
from genre_app.errors import CancelledError, InvalidOptionError, TruncatedAudioError
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.moments import softmax
from genre_app.results.progress import Progress
from genre_app.results.window_plan import fits, plan_windows
from genre_app.results.windows import slice_track
from tests.fakes import RATE_HZ, WINDOW_GRID, Array, FakeBackend
from tests.sounds import noise, tone, write_wav

DURATION_S = 61


class Listener:
    """A model that notes every window it hears."""

    def __init__(self) -> None:
        self.heard: list[Array] = []
        self.backend = FakeBackend(grid=WINDOW_GRID, max_patches=4, answer=self._answer)

    def _answer(self, windows: Array) -> Array:
        self.heard.extend(windows)
        peaks = np.abs(windows).max(axis=1)
        return np.stack([1 - 4 * peaks, windows.mean(axis=1), 4 * peaks - 1], axis=1).astype(np.float32)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def classifier(tmp_path: Path, listener: Listener) -> Iterator[GenreClassifier]:
    with GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=listener.backend) as classifier:
        yield classifier


@pytest.fixture
def sound() -> Array:
    return np.concatenate([noise(DURATION_S - 1, RATE_HZ, amplitude=0.2), tone(1, RATE_HZ, amplitude=0.9)])


@pytest.fixture
def track(tmp_path: Path, sound: Array) -> Path:
    return write_wav(tmp_path / "song.wav", sound, RATE_HZ)


def options(window_seconds: float = 10.0, overlap: float = 0.0, **others: Any) -> SliceOptions:
    return SliceOptions(window_seconds=window_seconds, overlap=overlap, **others)


def test_the_model_hears_exactly_the_windows_of_the_plan(
    classifier: GenreClassifier, listener: Listener, track: Path, sound: Array
) -> None:
    wanted = options(12.0, 0.35)
    classifier.score_file(track, wanted)
    plan = plan_windows(DURATION_S, 12.0, 0.35)
    assert len(listener.heard) == plan.n_total
    expected = [
        sound[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]
        for start_s, end_s in zip(plan.starts_s, plan.ends_s, strict=True)
    ]
    # In the order of their first samples: the engine takes turns among the stacks that wait.
    expected = sorted((window - window.mean() for window in expected), key=itemgetter(0))
    for window, wanted_window in zip(sorted(listener.heard, key=itemgetter(0)), expected, strict=True):
        np.testing.assert_allclose(window, wanted_window, atol=1e-4)  # the file holds 16 bits


def test_windows_travel_in_batches(classifier: GenreClassifier, listener: Listener, track: Path) -> None:
    classifier.score_file(track, options(5.0))
    assert sum(listener.backend.batches) == 13
    assert max(listener.backend.batches) == 4
    assert len(listener.backend.batches) == 4  # three full ones and the shorter last window


def test_another_overlap_runs_only_what_is_new(classifier: GenreClassifier, listener: Listener, track: Path) -> None:
    first = classifier.score_file(track, options(10.0, 0.0))
    assert len(listener.heard) == 7
    listener.heard.clear()
    second = classifier.score_file(track, options(10.0, 0.5))
    # Windows at 0, 10, 20 … 50 are known. New are those at 5, 15 … 45, and the last one, which ends with the track.
    assert len(listener.heard) == len(plan_windows(DURATION_S, 10.0, 0.5).starts_s) - 6
    shared = slice_track(second.track, options(10.0, 0.5)).window_scores[::2][:6]
    np.testing.assert_array_equal(shared, slice_track(first.track, options(10.0, 0.0)).window_scores[:6])


def test_the_same_windows_again_need_no_model_and_no_file(
    classifier: GenreClassifier, listener: Listener, track: Path
) -> None:
    first = classifier.score_file(track, options())
    track_bytes = track.read_bytes()
    listener.heard.clear()
    again = classifier.score_file(track, options(top_k=1, smoothing_seconds=3.0))
    assert again.cache_hit
    assert not first.cache_hit
    assert listener.heard == []
    track.unlink()
    reopened = classifier.recall(first.audio_sha256, options(), name="song.wav")
    assert reopened is not None
    np.testing.assert_array_equal(reopened.track.logits, first.track.logits)
    assert classifier.recall(first.audio_sha256, options(9.0), name="song.wav") is None
    assert track_bytes


def test_a_restart_finds_the_windows(tmp_path: Path, track: Path) -> None:
    for n_expected in (7, 0):
        listener = Listener()
        with GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=listener.backend) as classifier:
            classifier.score_file(track, options())
        assert len(listener.heard) == n_expected


def test_a_sample_of_windows_is_all_that_the_model_hears(
    classifier: GenreClassifier, listener: Listener, track: Path
) -> None:
    scored = classifier.score_file(track, options(5.0, max_chunks=4))
    assert len(listener.heard) == 4
    result = build_result(scored, options(5.0, max_chunks=4))
    assert [chunk.start for chunk in result.chunk_predictions] == [5.0, 20.0, 40.0, 55.0]


def test_a_window_s_scores_are_its_own_and_the_track_s_are_their_mean_by_length(
    classifier: GenreClassifier, track: Path
) -> None:
    scored = classifier.score_file(track, options(20.0, 0.5))
    windows = slice_track(scored.track, options(20.0, 0.5))
    np.testing.assert_array_equal(windows.window_scores, softmax(scored.track.logits.astype(np.float64)))
    lengths_s = windows.plan.ends_s - windows.plan.starts_s
    assert lengths_s[-1] < lengths_s[0]
    expected = (lengths_s[:, None] * windows.window_scores).sum(axis=0) / lengths_s.sum()
    np.testing.assert_allclose(windows.track_scores, expected)


def test_other_windows_than_those_that_were_heard_are_refused(classifier: GenreClassifier, track: Path) -> None:
    scored: TrackAnalysis = classifier.score_file(track, options(10.0))
    assert fits(scored.track, options(10.0, smoothing_seconds=5.0, top_k=2))
    assert not fits(scored.track, options(11.0))
    with pytest.raises(InvalidOptionError, match="analyse the track again"):
        classifier.slice(scored, options(11.0))


def test_a_window_longer_than_the_model_can_hear_is_a_clear_error(classifier: GenreClassifier, track: Path) -> None:
    with pytest.raises(InvalidOptionError, match="windows of at most 30 seconds"):
        classifier.score_file(track, options(31.0))


def test_a_track_shorter_than_the_model_can_hear_is_repeated(
    classifier: GenreClassifier, listener: Listener, tmp_path: Path
) -> None:
    short = tone(0.1, RATE_HZ)
    classifier.score_file(write_wav(tmp_path / "click.wav", short, RATE_HZ), options())
    assert len(listener.heard[0]) == WINDOW_GRID.min_samples
    np.testing.assert_allclose(listener.heard[0], np.resize(short, WINDOW_GRID.min_samples), atol=1e-4)


def test_a_waveform_and_its_file_get_the_same_answer(classifier: GenreClassifier, track: Path, sound: Array) -> None:
    from_file = classifier.classify_file(track, options())
    in_memory = classifier.classify_waveform(sound, RATE_HZ, options())
    assert [chunk.top_genre for chunk in in_memory.chunk_predictions] == [
        chunk.top_genre for chunk in from_file.chunk_predictions
    ]
    assert in_memory.predicted_confidence == pytest.approx(from_file.predicted_confidence, abs=1e-3)


def test_a_last_window_of_one_sample_is_heard_with_what_is_before_it(
    classifier: GenreClassifier, listener: Listener, tmp_path: Path
) -> None:
    sound = tone(10.0, RATE_HZ)
    path = write_wav(tmp_path / "a_sample_more.wav", np.append(sound, np.float32(0.3)), RATE_HZ)
    result = classifier.classify_file(path, SliceOptions(window_seconds=10, overlap=0))
    assert [chunk.is_silent for chunk in result.chunk_predictions] == [False, False]
    assert [len(heard) for heard in listener.heard] == [10 * RATE_HZ, WINDOW_GRID.min_samples]
    np.testing.assert_allclose(listener.heard[1][:-1], sound[-WINDOW_GRID.min_samples + 1 :], atol=1e-3)


def test_less_than_a_tenth_of_a_second_is_a_clear_error(classifier: GenreClassifier) -> None:
    with pytest.raises(TruncatedAudioError, match="too short to analyse"):
        classifier.classify_waveform(tone(0.09, RATE_HZ), RATE_HZ)


def test_progress_grows_to_the_end(classifier: GenreClassifier, track: Path) -> None:
    told: list[Progress] = []
    classifier.score_file(track, options(5.0), on_progress=told.append)
    fractions = [progress.fraction for progress in told if progress.stage == "scoring" and progress.fraction]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert told[-1].stage == "done"


def test_progress_carries_the_part_that_is_scored_and_the_peaks_are_kept(
    classifier: GenreClassifier, track: Path
) -> None:
    told: list[Progress] = []
    scored = classifier.score_file(track, options(5.0, 0.5), on_progress=told.append)
    assert scored.track.peaks is not None
    parts = [progress.so_far for progress in told if progress.so_far]
    assert len(parts) > 1
    for part in parts:
        result = classifier.slice(part, options(5.0, 0.5))
        assert result.metadata.duration_seconds == result.chunk_predictions[-1].end
        assert part.track.peaks is not None
        share = part.track.duration_s / scored.track.duration_s
        assert len(part.track.peaks) == pytest.approx(share * len(scored.track.peaks), abs=1)
    again = classifier.recall(scored.audio_sha256, options(5.0, 0.5), name="song.wav")
    assert again
    np.testing.assert_array_equal(again.track.peaks, scored.track.peaks)


def test_what_was_heard_before_a_cancel_is_kept(classifier: GenreClassifier, listener: Listener, track: Path) -> None:
    cancel = threading.Event()

    def stop_at_a_third(progress: Progress) -> None:
        if progress.fraction and progress.fraction > 0.3:
            cancel.set()

    with pytest.raises(CancelledError):
        classifier.score_file(track, options(5.0), on_progress=stop_at_a_third, cancel=cancel)
    n_kept = 4
    listener.heard.clear()
    classifier.score_file(track, options(5.0))
    assert len(listener.heard) == 13 - n_kept


def test_a_cancel_is_heard_while_others_are_decoded(listener: Listener, track: Path) -> None:
    decoder = InProcessDecoder(1, max_minutes=1)
    cancel = threading.Event()
    with (
        GenreClassifier(Settings(cache_mb=0), backend=listener.backend, decoder=decoder) as classifier,
        decoder.turn(cancel),
    ):
        cancel.set()
        with pytest.raises(CancelledError):
            classifier.score_file(track, options(), cancel=cancel)
