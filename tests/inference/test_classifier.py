"""The parts together, around a model whose answers are known."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from genre_app import GenreClassifier, Settings, SliceOptions
from genre_app.audio import decoder, open_audio
from genre_app.audio.local_file import hash_file
from genre_app.errors import (
    CancelledError,
    EmptyFileError,
    EngineClosedError,
    FileChangedError,
    InvalidOptionError,
    NotAudioError,
    TrackTooLongError,
    TruncatedAudioError,
    UnreadableFileError,
)
from genre_app.inference import waiting_line
from genre_app.models.base import Grid
from genre_app.results.progress import Progress
from genre_app.results.schema import ClassificationResult
from tests.fakes import GRID, RATE_HZ, WINDOW_GRID, FakeBackend
from tests.sounds import noise, tone, write_wav

PATIENCE_S = 30.0
Open = Callable[..., GenreClassifier]


@pytest.fixture
def open_classifier(tmp_path: Path, backend: FakeBackend) -> Iterator[Open]:
    """Open classifiers on one cache directory, as restarts of one installation."""
    opened: list[GenreClassifier] = []

    def open_(model: FakeBackend = backend, **settings: Any) -> GenreClassifier:
        settings = {"cache_dir": tmp_path / "cache", **settings}
        opened.append(GenreClassifier(Settings(**settings), backend=model))
        return opened[-1]

    yield open_
    backend.gate.set()
    for classifier in opened:
        classifier.close()


@pytest.fixture
def classifier(open_classifier: Open) -> GenreClassifier:
    return open_classifier()


@pytest.fixture
def track(tmp_path: Path) -> Path:
    """Twelve seconds: six that are loud, then six that are quiet."""
    sound = np.concatenate([tone(6.0, RATE_HZ, amplitude=0.9), tone(6.0, RATE_HZ, amplitude=0.02)])
    return write_wav(tmp_path / "song.wav", sound, RATE_HZ)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded."""
    names: list[str] = []

    def counted(path: Path, *args: Any, **options: Any) -> Any:
        names.append(path.name)
        return open_audio(path, *args, **options)

    monkeypatch.setattr(decoder, "open_audio", counted)
    return names


def assert_finite(result: ClassificationResult) -> None:
    scores = [prediction.score for prediction in result.predictions]
    scores += [score.score for chunk in result.chunk_predictions for score in chunk.scores]
    assert np.isfinite(scores).all()
    assert np.isfinite([prediction.logit for prediction in result.predictions]).all()


def test_a_file_is_named_as_a_whole_and_window_by_window(classifier: GenreClassifier, track: Path) -> None:
    result = classifier.classify_file(track, SliceOptions(window_seconds=3, overlap=0))
    assert [chunk.top_genre for chunk in result.chunk_predictions] == ["metal", "metal", "blues", "blues"]
    assert result.predicted_genre == "metal"
    assert result.metadata.track_name == "song.wav"
    assert (result.metadata.duration_seconds, result.metadata.source_sample_rate_hz) == (12.0, RATE_HZ)
    assert (result.metadata.model_name, result.metadata.cache_hit) == ("fake", False)


def test_a_file_and_its_waveform_have_the_same_answer(classifier: GenreClassifier, tmp_path: Path) -> None:
    sound = noise(9.3, 44_100, amplitude=0.4)
    path = write_wav(tmp_path / "noise.wav", sound, 44_100)
    options = SliceOptions(window_seconds=2, top_k=3)
    of_file, of_waveform = classifier.classify_file(path, options), classifier.classify_waveform(sound, 44_100, options)
    assert [chunk.top_genre for chunk in of_file.chunk_predictions] == [
        chunk.top_genre for chunk in of_waveform.chunk_predictions
    ]
    assert [prediction.logit for prediction in of_file.predictions] == pytest.approx(
        [prediction.logit for prediction in of_waveform.predictions], abs=0.02
    )
    assert of_waveform.metadata.duration_seconds == pytest.approx(of_file.metadata.duration_seconds, abs=0.01)
    assert of_waveform.metadata.source_sample_rate_hz == 44_100


def test_a_restart_finds_the_track_without_decoding_or_model(
    open_classifier: Open, track: Path, decoded: list[str]
) -> None:
    before = open_classifier().classify_file(track)
    after_restart = FakeBackend()
    after = open_classifier(after_restart).classify_file(track)
    assert (before.metadata.cache_hit, after.metadata.cache_hit) == (False, True)
    assert (after.predictions, after.chunk_predictions) == (before.predictions, before.chunk_predictions)
    assert (decoded, after_restart.batches) == (["song.wav"], [])


def test_the_same_content_under_another_name_is_a_hit_with_its_own_name(
    classifier: GenreClassifier, track: Path, decoded: list[str]
) -> None:
    classifier.classify_file(track)
    copy = shutil.copy(track, track.with_name("other name.mp3"))
    result = classifier.classify_file(copy)
    assert (result.metadata.cache_hit, result.metadata.track_name) == (True, "other name.mp3")
    assert decoded == ["song.wav"]


def test_other_content_under_the_same_name_is_no_hit(classifier: GenreClassifier, track: Path) -> None:
    assert classifier.classify_file(track).predicted_genre == "metal"
    write_wav(track, tone(12.0, RATE_HZ, amplitude=0.01), RATE_HZ)
    result = classifier.classify_file(track)
    assert (result.predicted_genre, result.metadata.cache_hit) == ("blues", False)


def test_other_weights_are_no_hit(open_classifier: Open, track: Path) -> None:
    open_classifier(FakeBackend(revision="1")).classify_file(track)
    newer = FakeBackend(revision="2")
    assert open_classifier(newer).classify_file(track).metadata.cache_hit is False
    assert newer.n_patches == 12


def test_without_a_cache_every_call_scores(open_classifier: Open, backend: FakeBackend, track: Path) -> None:
    classifier = open_classifier(cache_mb=0)
    for n_calls in (1, 2):
        assert classifier.classify_file(track).metadata.cache_hit is False
        assert backend.n_patches == 12 * n_calls


def test_slicing_neither_decodes_nor_calls_the_model(
    classifier: GenreClassifier, backend: FakeBackend, track: Path, decoded: list[str]
) -> None:
    scored = classifier.score_file(track)
    n_patches = backend.n_patches
    for window_seconds in (1, 3, 30, 60):
        for overlap in (0, 0.25, 0.9):
            for top_k in (1, 10):
                options = SliceOptions(window_seconds=window_seconds, overlap=overlap, top_k=top_k)
                assert classifier.slice(scored, options).metadata.window_seconds == window_seconds
    assert (backend.n_patches, decoded) == (n_patches, ["song.wav"])
    assert n_patches == 12


def test_two_threads_with_the_same_track_score_it_once(
    classifier: GenreClassifier, backend: FakeBackend, track: Path, decoded: list[str]
) -> None:
    copy = Path(shutil.copy(track, track.with_name("copy.wav")))
    backend.gate.clear()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(classifier.classify_file, track)
        assert backend.busy.wait(PATIENCE_S)
        following = threading.Event()
        heard = pool.submit(classifier.classify_file, copy, on_progress=lambda _: following.set())
        assert following.wait(PATIENCE_S)
        backend.gate.set()
        results = [first.result(PATIENCE_S), heard.result(PATIENCE_S)]
    assert results[0].predictions == results[1].predictions
    assert [result.metadata.track_name for result in results] == ["song.wav", "copy.wav"]
    assert (decoded, backend.n_patches) == (["song.wav"], 12)


def test_the_same_content_under_two_names_fails_for_each_without_the_other_s_name(
    classifier: GenreClassifier, together: threading.Event, tmp_path: Path, decoded: list[str]
) -> None:
    names = ["Ana's secret.mp3", "B\u202eo {name}.mp3"]
    for name in names:
        (tmp_path / name).write_text("no music at all " * 100)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(classifier.classify_file, tmp_path / name) for name in names]
        first, second = (call.exception(PATIENCE_S) for call in calls)
    assert isinstance(first, NotAudioError)
    assert second is first
    assert len(decoded) == 1
    assert str(first).startswith("The file is not an audio file that this app knows; please choose")
    assert not any(name in repr(first) for name in names)
    assert "The file Ana's secret.mp3 is not an audio" in first.about(names[0])
    assert "The file B?o {name}.mp3 is not an audio" in first.about(names[1])


def test_an_upload_is_hashed_decoded_and_scored_once(
    classifier: GenreClassifier,
    backend: FakeBackend,
    track: Path,
    decoded: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = classifier.facts_file(track)
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return hash_file(path)

    for room in ("classifier", "hashed_file"):
        monkeypatch.setattr(f"genre_app.inference.{room}.hash_file", counted)
    other = track.with_name("other.wav")
    other.write_bytes(track.read_bytes() + b"\0")  # another file to the cache, and the same sound
    decoded.clear()

    scored = classifier.score_file(other, keep_excerpt=True)
    complete = classifier.with_insights(scored, other)

    assert (hashed, decoded, backend.n_patches) == ([other], ["other.wav"], 12)
    assert complete.facts == usual
    assert complete.excerpt is None
    again = classifier.score_file(other, keep_excerpt=True)
    assert (again.cache_hit, again.excerpt) == (True, None)


def test_without_its_excerpt_a_track_is_opened_for_its_facts(
    classifier: GenreClassifier, track: Path, decoded: list[str]
) -> None:
    scored = classifier.score_file(track)
    assert scored.excerpt is None
    assert classifier.with_insights(scored, track).facts == classifier.facts_file(track)
    assert decoded == ["song.wav", "song.wav"]


def test_sixteen_tracks_at_once_are_each_answered_right(classifier: GenreClassifier, tmp_path: Path) -> None:
    paths = [
        write_wav(tmp_path / f"{number}.wav", tone(5.0, RATE_HZ, amplitude=0.05 + 0.05 * number), RATE_HZ)
        for number in range(16)
    ]
    with ThreadPoolExecutor(16) as pool:
        analyses = list(pool.map(classifier.score_file, paths))
    for number, scored in enumerate(analyses):
        metal = scored.track.logits[:, scored.track.labels.index("metal")].mean()
        assert metal == pytest.approx(4 * (0.05 + 0.05 * number) - 1, abs=0.01)


def test_progress_grows_from_reading_to_done(classifier: GenreClassifier, track: Path) -> None:
    told: list[Progress] = []
    classifier.classify_file(track, on_progress=told.append)
    stages = [progress.stage for progress in told]
    assert (stages[0], stages[-1]) == ("reading", "done")
    assert set(stages[1:-1]) == {"scoring"}
    fractions = [progress.fraction for progress in told[1:] if progress.fraction is not None]
    assert len(fractions) == len(told) - 1
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-2], fractions[-1]) == (0.0, 1.0, 1.0)
    assert told[-1].scored_s == 12.0


def test_a_cached_track_is_done_at_once(classifier: GenreClassifier, track: Path) -> None:
    classifier.classify_file(track)
    told: list[Progress] = []
    classifier.classify_file(track, on_progress=told.append)
    assert [progress.stage for progress in told] == ["reading", "done"]


def test_cancelling_ends_the_work_and_leaves_nothing_in_the_cache(
    classifier: GenreClassifier, backend: FakeBackend, track: Path
) -> None:
    backend.gate.clear()
    cancel = threading.Event()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(classifier.classify_file, track, cancel=cancel)
        assert backend.busy.wait(PATIENCE_S)
        cancel.set()
        assert isinstance(future.exception(PATIENCE_S), CancelledError)
    backend.gate.set()
    assert classifier.classify_file(track).metadata.cache_hit is False


def test_a_closed_classifier_says_so(open_classifier: Open, track: Path) -> None:
    with open_classifier() as classifier:
        pass
    with pytest.raises(EngineClosedError):
        classifier.classify_file(track)


def test_files_that_cannot_be_used_are_told_apart(classifier: GenreClassifier, tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "text.mp3").write_text("not music at all " * 100)
    os.mkfifo(tmp_path / "pipe.wav")
    expected: dict[str, type[Exception]] = {
        "missing.mp3": UnreadableFileError,
        ".": UnreadableFileError,
        "pipe.wav": UnreadableFileError,
        "nul\0.wav": UnreadableFileError,
        "empty.mp3": EmptyFileError,
        "text.mp3": NotAudioError,
    }
    for name, error in expected.items():
        with pytest.raises(error, match=r"^[^\n]+\.$"):
            classifier.classify_file(tmp_path / name)


def test_a_track_beyond_the_limit_is_refused(open_classifier: Open, backend: FakeBackend, track: Path) -> None:
    with pytest.raises(TrackTooLongError, match=r"0\.1 minutes"):
        open_classifier(max_minutes=0.1).classify_file(track)
    assert open_classifier(max_minutes=0.2).classify_file(track).metadata.duration_seconds == 12.0


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0], ids=["silence", "DC", "negative DC"])
def test_flat_sound_has_a_finite_answer(classifier: GenreClassifier, tmp_path: Path, level: float) -> None:
    flat = np.full(5 * RATE_HZ, level, np.float32)
    assert_finite(classifier.classify_file(write_wav(tmp_path / "flat.wav", flat, RATE_HZ)))
    assert_finite(classifier.classify_waveform(flat, RATE_HZ))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_no_sound_count_as_silence(classifier: GenreClassifier, value: float, dtype: type) -> None:
    damaged: NDArray[Any] = tone(4.0, RATE_HZ, amplitude=0.3).astype(dtype)
    silenced = damaged.copy()
    damaged[5000:5050], silenced[5000:5050] = value, 0.0
    result = classifier.classify_waveform(damaged, RATE_HZ)
    assert_finite(result)
    assert result.predictions == classifier.classify_waveform(silenced, RATE_HZ).predictions


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64])
def test_integers_are_scaled_by_their_range(classifier: GenreClassifier, dtype: "type[np.integer[Any]]") -> None:
    sound = tone(3.0, RATE_HZ, amplitude=0.5) + np.float32(0.25)
    info = np.iinfo(dtype)
    half = (int(info.max) - int(info.min) + 1) / 2
    integers = (sound * (half - 1) + (info.min + half)).round().astype(dtype)
    logits = {p.genre: p.logit for p in classifier.classify_waveform(integers, RATE_HZ).predictions}
    expected = {p.genre: p.logit for p in classifier.classify_waveform(sound, RATE_HZ).predictions}
    assert logits == pytest.approx(expected, abs=0.1)


def test_channels_are_averaged(classifier: GenreClassifier) -> None:
    left, right = tone(3.0, RATE_HZ, amplitude=0.8), tone(3.0, RATE_HZ, amplitude=0.2)
    stereo = classifier.classify_waveform(np.stack([left, right]), RATE_HZ)
    mono = classifier.classify_waveform((left + right) / 2, RATE_HZ)
    assert [p.logit for p in stereo.predictions] == pytest.approx([p.logit for p in mono.predictions], abs=1e-4)
    opposite = classifier.classify_waveform(np.stack([left, -left]), RATE_HZ)
    assert opposite.predictions == classifier.classify_waveform(left, RATE_HZ).predictions
    assert "inverted" in opposite.metadata.warnings[0]


def test_a_list_is_a_waveform_too(classifier: GenreClassifier) -> None:
    result = classifier.classify_waveform([0.0, 0.5, -0.5] * 3000, RATE_HZ, name="from a list")
    assert (result.metadata.track_name, result.metadata.duration_seconds) == ("from a list", 1.125)


@pytest.mark.parametrize("n_samples", [RATE_HZ // 10, 1000, RATE_HZ - 1])
def test_a_moment_of_sound_is_one_chunk(classifier: GenreClassifier, n_samples: int) -> None:
    result = classifier.classify_waveform(tone(1.0, RATE_HZ)[:n_samples], RATE_HZ)
    assert_finite(result)
    assert len(result.chunk_predictions) == 1


def test_waveforms_that_cannot_be_used_are_refused(classifier: GenreClassifier) -> None:
    empty: tuple[ArrayLike, ...] = (np.zeros(0), np.zeros((2, 0)), np.zeros((0, 5)), [])
    for nothing in empty:
        with pytest.raises(TruncatedAudioError):
            classifier.classify_waveform(nothing, RATE_HZ)
    with pytest.raises(InvalidOptionError, match="shape"):
        classifier.classify_waveform(np.zeros((2, 2, 2)), RATE_HZ)
    rates_hz: tuple[Any, ...] = (0, -1, 999, 1_000_001, np.nan, np.inf, -np.inf)
    for rate_hz in rates_hz:
        with pytest.raises(InvalidOptionError, match="between 1000 and 1000000 Hz"):
            classifier.classify_waveform(np.zeros(100_000), rate_hz)


@pytest.mark.parametrize("n_samples", range(6))
@pytest.mark.parametrize("rate_hz", [1000, 44_100, 1_000_000])
def test_a_few_samples_are_no_recording(
    classifier: GenreClassifier, tmp_path: Path, n_samples: int, rate_hz: int
) -> None:
    samples = np.full(n_samples, 0.3, np.float32)
    with pytest.raises(TruncatedAudioError):
        classifier.classify_waveform(samples, rate_hz)
    with pytest.raises(TruncatedAudioError, match="too short to analyse" if n_samples else "no sound can be read"):
        classifier.classify_file(write_wav(tmp_path / "click.wav", samples, rate_hz))


def test_an_array_may_have_its_channels_last(classifier: GenreClassifier) -> None:
    left, right = tone(3.0, RATE_HZ, amplitude=0.8), tone(3.0, RATE_HZ, amplitude=0.2)
    first, last = (classifier.classify_waveform(np.stack([left, right], axis), RATE_HZ) for axis in (0, 1))
    assert last.predictions == first.predictions
    assert last.metadata.duration_seconds == 3.0


class Told:
    """Collects a track's progress, and knows when it waits in line."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.waits = threading.Event()

    def __call__(self, progress: Progress) -> None:
        self.stages.append(progress.stage)
        if progress.stage == "waiting":
            self.waits.set()


def test_tracks_beyond_the_limit_wait_in_line(
    open_classifier: Open, backend: FakeBackend, track: Path, tmp_path: Path
) -> None:
    classifier = open_classifier(tracks_at_once=1)
    known, other = (write_wav(tmp_path / f"{n}.wav", tone(n, RATE_HZ), RATE_HZ) for n in (3, 4))
    expected = classifier.classify_file(known)
    backend.busy.clear()
    backend.gate.clear()
    told = Told()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(classifier.classify_file, track)
        assert backend.busy.wait(PATIENCE_S)
        second = pool.submit(classifier.classify_file, other, on_progress=told)
        assert told.waits.wait(PATIENCE_S)
        # What is in the cache needs no place.
        assert classifier.classify_file(known).predictions == expected.predictions
        backend.gate.set()
        assert first.result(PATIENCE_S).metadata.duration_seconds == 12.0
        assert second.result(PATIENCE_S).metadata.duration_seconds == 4.0
    assert told.stages[:2] == ["reading", "waiting"]
    assert told.stages[-1] == "done"


def test_long_tracks_do_not_take_all_places(
    open_classifier: Open, backend: FakeBackend, track: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_line, "LONG_S", 10.0)
    classifier = open_classifier(tracks_at_once=2)
    second_set = write_wav(tmp_path / "set.wav", tone(11, RATE_HZ), RATE_HZ)
    short_one = write_wav(tmp_path / "short.wav", tone(3, RATE_HZ), RATE_HZ)
    backend.gate.clear()
    told = Told()
    with ThreadPoolExecutor() as pool:
        first = pool.submit(classifier.classify_file, track)
        assert backend.busy.wait(PATIENCE_S)
        postponed = pool.submit(classifier.classify_file, second_set, on_progress=told)
        assert told.waits.wait(PATIENCE_S)
        short_told = Told()
        last = pool.submit(classifier.classify_file, short_one, on_progress=short_told)
        backend.gate.set()
        done = [future.result(PATIENCE_S) for future in (first, postponed, last)]
    assert [result.metadata.duration_seconds for result in done] == [12, 11, 3]
    assert "waiting" not in short_told.stages


@pytest.mark.parametrize("grid", [GRID, WINDOW_GRID], ids=["patches", "windows"])
def test_a_file_that_changes_while_it_is_read_is_not_kept_under_its_old_hash(
    open_classifier: Open, track: Path, monkeypatch: pytest.MonkeyPatch, grid: Grid
) -> None:
    classifier = open_classifier(FakeBackend(grid=grid))
    before, after = track.read_bytes(), write_wav(track.with_name("other.wav"), tone(5, RATE_HZ), RATE_HZ).read_bytes()

    def open_changed(path: Path, *args: Any, **options: Any) -> Any:
        track.write_bytes(after)
        return open_audio(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(decoder, "open_audio", open_changed)
        with pytest.raises(FileChangedError) as caught:
            classifier.classify_file(track)
    assert "changed while it was read" in str(caught.value)
    track.write_bytes(before)
    result = classifier.classify_file(track)
    assert (result.metadata.cache_hit, result.metadata.duration_seconds) == (False, 12.0)
