"""A GPU that is lent for one call: what travels to it, what it costs, and what a visitor hears when it is refused."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import spaces
import torch
from gradio.context import LocalContext

from genre_app import Settings, SliceOptions
from genre_app.audio.decoder import Decoder
from genre_app.errors import (
    CancelledError,
    EngineClosedError,
    GpuUnavailableError,
    ModelUnavailableError,
    ScoringError,
)
from genre_app.inference import classifier as classifier_module
from genre_app.inference import cpu_fallback, model_pool, zerogpu_engine
from genre_app.inference.batching_engine import ScoringEngine
from genre_app.inference.classifier import GenreClassifier
from genre_app.inference.contracts import TrackEngine
from genre_app.inference.feeding import score_blocks
from genre_app.inference.model_pool import ModelPool
from genre_app.inference.running_model import ModelRunner
from genre_app.inference.waiting_line import WaitingLine
from genre_app.inference.zerogpu_engine import ZeroGpuEngine, engine_for, in_plain_words, is_zerogpu, prepare
from genre_app.models.base import WindowGrid
from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.registry import LoadedModel
from genre_app.results.schema import ClassificationResult
from genre_app.results.track_logits import TrackLogits
from genre_app.ui.one_track.events import OneTrackEvents
from genre_app.ui.run_folder import RunFolder
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.sliders import values_of
from genre_app.ui.shared.visits import Visits
from tests.fakes import GRID, RATE_HZ, WINDOW_GRID, Array, FakeBackend, loudness_logits
from tests.inference.lent_gpu import PATIENCE_S, VISITOR, LentGpu, worker_error
from tests.paths import ROOT
from tests.sounds import noise, write_wav

# Python 3.12 warns of every fork beside threads, which is what ZeroGPU does.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture
def gpu() -> LentGpu:
    return LentGpu()


@pytest.fixture
def on_zerogpu(monkeypatch: pytest.MonkeyPatch, gpu: LentGpu) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(zerogpu_engine, "_spaces_gpu", lambda: gpu)


def on_cuda(**options: object) -> FakeBackend:
    """A fake model that says it is on a GPU."""
    backend = FakeBackend(**options)  # type: ignore[arg-type]
    backend.info = replace(backend.info, device="cuda")
    return backend


def score(engine: "ZeroGpuEngine | ScoringEngine", track: Array, cancel: threading.Event | None = None) -> TrackLogits:
    blocks = np.array_split(track, 7)
    return score_blocks(engine, blocks, on_scored=lambda _: None, cancel=cancel or threading.Event())


# What travels, and how often.


@pytest.mark.parametrize("seconds", [0.3, 3.5, 100.0, 700.0])
def test_a_track_is_one_call_and_the_answers_are_those_of_the_usual_engine(gpu: LentGpu, seconds: float) -> None:
    track = noise(seconds, RATE_HZ)
    backend = FakeBackend(max_patches=64)
    scored = score(ZeroGpuEngine(backend, gpu), track)
    with ScoringEngine(FakeBackend()) as usual:
        expected = score(usual, track)
    np.testing.assert_array_equal(scored.logits, expected.logits)
    np.testing.assert_array_equal(scored.starts_s, expected.starts_s)
    assert len(gpu.calls) == 1
    assert backend.batches == [], "the model ran in the other process"


def test_inside_a_call_batches_are_as_large_as_the_model_likes_them(gpu: LentGpu) -> None:
    def say_batch_size(patches: Array) -> Array:
        return np.full((len(patches), 3), len(patches), np.float32)

    engine = ZeroGpuEngine(FakeBackend(max_patches=4, answer=say_batch_size), gpu)
    sizes = engine.submit(np.zeros((10, GRID.input_samples), np.float32)).result(PATIENCE_S)
    assert sizes[:, 0].tolist() == [4] * 8 + [2] * 2


def test_windows_of_two_lengths_are_one_call(
    gpu: LentGpu, on_zerogpu: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: Callable[[Array], Array] = lambda windows: np.tile(np.abs(windows).mean(axis=1)[:, None], 3)  # noqa: E731
    path = write_wav(tmp_path / "noise.wav", noise(21.5, RATE_HZ), RATE_HZ)
    options = SliceOptions(window_seconds=4, overlap=0.5)
    settings = Settings(cache_dir=tmp_path / "cache")
    with GenreClassifier(settings, backend=on_cuda(grid=WINDOW_GRID, answer=answer)) as lent:
        scored = lent.score_file(path, options)
        assert [stack.shape[1] for stack in gpu.calls[0][0]] == [4 * RATE_HZ, int(3.5 * RATE_HZ)]
        more = lent.score_file(path, SliceOptions(window_seconds=4, overlap=0.75))
    assert len(gpu.calls) == 2
    assert sum(map(len, gpu.calls[1][0])) < len(more.track.logits), "only windows that are new travel"
    monkeypatch.delenv("SPACES_ZERO_GPU")
    with GenreClassifier(Settings(cache_mb=0), backend=FakeBackend(grid=WINDOW_GRID, answer=answer)) as usual:
        np.testing.assert_array_equal(scored.track.logits, usual.score_file(path, options).track.logits)


def test_a_cache_hit_asks_for_no_gpu(gpu: LentGpu, on_zerogpu: None, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "noise.wav", noise(9.0, RATE_HZ), RATE_HZ)
    with GenreClassifier(Settings(cache_dir=tmp_path / "cache"), backend=on_cuda()) as classifier:
        classifier.score_file(path)
        again = classifier.score_file(path)
        classifier.slice(again, SliceOptions(window_seconds=2, overlap=0.9))
    assert again.cache_hit
    assert len(gpu.calls) == 1


def test_an_hour_is_one_call_and_more_is_several_of_equal_order(gpu: LentGpu) -> None:
    backend = FakeBackend(grid=WindowGrid(10, min_samples=10, max_samples=100), answer=lambda w: np.tile(w[:, :1], 3))
    engine = ZeroGpuEngine(backend, gpu)
    seconds = np.arange(3600 + 1800, dtype=np.float32).repeat(10).reshape(-1, 10)
    rows: list[Array] = []
    from genre_app.inference.feeding import feed_engine

    feed_engine(engine, seconds, on_scored=rows.append, cancel=threading.Event())
    assert [sum(map(len, stacks)) for (stacks,) in gpu.calls] == [3600, 1800]
    assert np.concatenate(rows)[:, 0].tolist() == list(range(5400))


def test_only_lists_of_arrays_travel(gpu: LentGpu) -> None:
    score(ZeroGpuEngine(FakeBackend(), gpu), noise(5.0, RATE_HZ))
    assert [type(argument) for argument in gpu.calls[0]] == [list]
    assert {type(stack) for stack in gpu.calls[0][0]} == {np.ndarray}
    assert {stack.dtype for stack in gpu.calls[0][0]} == {np.dtype(np.float32)}


def test_what_a_model_writes_to_memory_is_lost(gpu: LentGpu) -> None:
    heard: list[int] = []

    def remember(patches: Array) -> Array:
        heard.append(len(patches))
        return np.full((len(patches), 3), len(heard), np.float32)

    engine = ZeroGpuEngine(FakeBackend(answer=remember), gpu)
    for _ in range(2):
        scored = engine.submit(np.zeros((1, GRID.input_samples), np.float32)).result(PATIENCE_S)
        assert scored[0, 0] == 1, "each call starts from the memory as it was at the fork"
    assert heard == []


def test_the_real_model_in_another_process(gpu: LentGpu) -> None:
    track = noise(20.0, 16_000)
    # Its threads would be missing in the fork if it had been used before: each side gets a model of its own.
    scored = score(ZeroGpuEngine(MusicnnBackend(torch.device("cpu")), gpu), track)
    with ScoringEngine(MusicnnBackend(torch.device("cpu"))) as usual:
        np.testing.assert_allclose(scored.logits, score(usual, track).logits, atol=1e-5)


# What it costs, and who pays.


def test_the_duration_is_asked_for_with_the_arguments_of_the_call(gpu: LentGpu) -> None:
    engine = ZeroGpuEngine(FakeBackend(), gpu)
    score(engine, noise(65.0, RATE_HZ))
    ((arguments, seconds),) = gpu.durations
    assert arguments is gpu.calls[0]
    assert seconds == engine.duration_s(*arguments)


def test_the_duration_grows_with_the_audio_between_its_bounds() -> None:
    engine = ZeroGpuEngine(FakeBackend(), LentGpu())
    asked = [engine.duration_s([np.zeros((minutes, 60 * RATE_HZ), np.float32)]) for minutes in (0, 1, 4, 30, 60, 600)]
    assert all(before <= after for before, after in pairwise(asked))
    assert asked[0] == 12
    assert asked[2] <= 15, "a song costs a visitor without an account an eighth of the two minutes a day"
    assert asked[-1] == 60
    assert all(isinstance(seconds, int) for seconds in asked)


def test_the_caller_s_context_reaches_the_gpu_s_owner(gpu: LentGpu) -> None:
    engine = ZeroGpuEngine(FakeBackend(), gpu)
    for visitor in ("ana", "bo"):
        context = copy_context()
        context.run(VISITOR.set, visitor)
        context.run(score, engine, noise(1.0, RATE_HZ))
    assert gpu.visitors == ["ana", "bo"]


def test_what_no_visitor_asked_for_gets_no_gpu(gpu: LentGpu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "GPU", gpu)
    engine = ZeroGpuEngine(FakeBackend())
    with pytest.raises(GpuUnavailableError, match="No visitor asked for this"):
        score(engine, noise(1.0, RATE_HZ))
    assert gpu.durations == []
    context = copy_context()
    context.run(LocalContext.request.set, gr.Request())
    context.run(score, engine, noise(1.0, RATE_HZ))
    assert len(gpu.calls) == 1


def test_the_page_s_own_threads_know_who_asks(tmp_path: Path) -> None:
    asked: list[str | None] = []

    class Shelf:
        @contextmanager
        def acquire_or_default(self, name: str) -> Iterator[tuple[object, None]]:
            asked.append(VISITOR.get())
            raise ModelUnavailableError("That is all this test wants to know.")
            yield

    visits = Visits(RunFolder(tmp_path), max_visit_mb=1, max_uploads_mb=1)
    events = OneTrackEvents(Shelf(), visits, AnalysisThreads())  # type: ignore[arg-type]
    request = gr.Request(session_hash="hers")

    async def analyse() -> None:
        async for _ in events.analyse(request, "track.wav", 0.0, "musicnn", *values_of(SliceOptions())):
            pass

    context = copy_context()
    context.run(VISITOR.set, "ana")
    with ThreadPoolExecutor() as executor:  # Playwright's event loop may be running in this thread
        executor.submit(context.run, asyncio.run, analyse()).result()
    assert asked == ["ana"]


# What can go wrong.


def test_a_model_that_fails_is_a_sentence(gpu: LentGpu) -> None:
    def explode(patches: Array) -> Array:
        raise RuntimeError("CUDA error: an illegal memory access")

    with pytest.raises(ScoringError, match="The model failed on this track") as caught:
        score(ZeroGpuEngine(FakeBackend(answer=explode), gpu), noise(1.0, RATE_HZ))
    assert not isinstance(caught.value, GpuUnavailableError)
    assert "RuntimeError" in str(caught.value.__cause__)


def test_a_process_that_is_killed_is_a_sentence(gpu: LentGpu) -> None:
    with pytest.raises(GpuUnavailableError, match="taken away"):
        score(ZeroGpuEngine(FakeBackend(answer=lambda patches: os._exit(1)), gpu), noise(1.0, RATE_HZ))


@pytest.mark.parametrize("answer", [lambda p: np.full((len(p), 3), np.nan), lambda p: np.zeros((1, 2), np.float32)])
def test_a_broken_answer_never_arrives(gpu: LentGpu, answer: Callable[[Array], Array]) -> None:
    with pytest.raises(ScoringError, match="failed"):
        score(ZeroGpuEngine(FakeBackend(answer=answer), gpu), noise(2.0, RATE_HZ))


@pytest.mark.parametrize("patches", [np.zeros((0, GRID.input_samples)), np.zeros((1, 5)), np.full((1, GRID.input_samples), np.nan)])  # fmt: skip  # noqa: E501
def test_what_the_model_cannot_take_costs_nothing(gpu: LentGpu, patches: Array) -> None:
    with pytest.raises(ScoringError):
        ZeroGpuEngine(FakeBackend(), gpu).submit(patches.astype(np.float32)).result(PATIENCE_S)
    assert gpu.durations == []


def test_who_cancels_does_not_wait_for_a_gpu() -> None:
    asked, free, cancel = threading.Event(), threading.Event(), threading.Event()

    class Queue(LentGpu):
        def __call__(self, *, duration: object) -> Callable[[zerogpu_engine.Score], zerogpu_engine.Score]:
            def wait(stacks: zerogpu_engine.Stacks) -> Array:
                asked.set()
                free.wait(PATIENCE_S)
                return loudness_logits(np.concatenate(stacks))

            return lambda task: wait

    engine = ZeroGpuEngine(FakeBackend(), Queue())

    def leave() -> None:
        asked.wait(PATIENCE_S)
        cancel.set()

    threading.Thread(target=leave, daemon=True).start()
    with pytest.raises(CancelledError):
        score(engine, noise(1.0, RATE_HZ), cancel)
    left = engine.submit(np.zeros((1, GRID.input_samples), np.float32))
    engine.close()
    with pytest.raises(EngineClosedError):
        left.result(PATIENCE_S)
    with pytest.raises(EngineClosedError):
        engine.submit(np.zeros((1, GRID.input_samples), np.float32)).result(PATIENCE_S)
    free.set()


def error(title: str, message: str) -> gr.Error:
    return gr.Error(message, title=title, print_exception=False)


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (error("ZeroGPU quota exceeded", "You have exceeded your free ZeroGPU quota (14s requested vs. 3s left). Try again in 3:20:11. "), "again in 3:20:11 .*log in"),  # noqa: E501
        (error("ZeroGPU quota exceeded", f"You have exceeded your ZeroGPU quota (14s requested vs. 0s left). Try again in {timedelta(1, 60)}. "), "again in 1 day, 0:01:00"),  # noqa: E501
        (error("ZeroGPU quota exceeded", "Space app has reached its GPU limit. Try re-running outside of examples if it happened after clicking one"), "log in to Hugging Face"),  # noqa: E501
        (error("ZeroGPU quota exceeded", "You have exceeded your ZeroGPU runs limit. "), "no time left"),
        (error("ZeroGPU quota exceeded", "No GPU was available after 60s. Try re-running outside of examples"), "became free"),  # noqa: E501
        (error("ZeroGPU queue timeout", "No GPU was available after 60s Retry later"), "became free"),
        (error("ZeroGPU client error", "No GPU was available"), "became free"),
        (error("ZeroGPU client error", "Expired ZeroGPU proxy token"), "load it anew"),
        (error("ZeroGPU illegal duration", "The requested GPU duration (40s) is larger than the maximum allowed"), "shorter"),  # noqa: E501
        (error("ZeroGPU pending credits exceeded", "You have too many ZeroGPU credits allocated to running tasks."), "too many tracks"),  # noqa: E501
        (worker_error("GPU task aborted"), "taken away"),
        (RuntimeError("ZeroGPU API /schedule error: 500 (Internal Server Error)"), "does not answer"),
        (ConnectionError("refused"), "does not answer"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_happened_and_what_to_do(raised: Exception, says: str) -> None:
    failure = in_plain_words(raised)
    assert isinstance(failure, GpuUnavailableError)
    assert re.search(says, str(failure))
    assert "please" in str(failure)


def test_a_visitor_who_left_cancelled() -> None:
    assert isinstance(in_plain_words(RuntimeError("Connection closed by visitor while queueing")), CancelledError)


def test_the_library_still_says_what_the_sentences_go_by() -> None:
    spec = find_spec("spaces")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "zero"
    source = (folder / "client.py").read_text() + (folder / "wrappers.py").read_text()
    constants = {name: value for name, value in vars(zerogpu_engine).items() if re.match("_[A-Z]", name)}
    said = [value for value in constants.values() if isinstance(value, str)]
    assert len(said) == 8
    assert [text for text in said if text not in source] == []


# Without the GPU, and elsewhere.


def test_an_embedded_model_answers_on_the_processor_and_says_so(
    gpu: LentGpu, on_zerogpu: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(settings: Settings) -> LoadedModel:
        loaded.append(settings.device)
        backend = FakeBackend() if settings.device == "cpu" else on_cuda()
        return LoadedModel(backend, None if settings.device == "cpu" else "The first choice is not here.")

    monkeypatch.setattr(classifier_module, "load_model", load)
    monkeypatch.setattr(cpu_fallback, "load_model", load)
    monkeypatch.setattr(cpu_fallback, "EMBEDDED", ("fake",))
    path = write_wav(tmp_path / "noise.wav", noise(5.0, RATE_HZ), RATE_HZ)
    with GenreClassifier(Settings(cache_mb=0)) as classifier:
        assert loaded == ["auto", "cpu"]
        gpu.refusal = error("ZeroGPU client error", "No GPU was available")
        result = classifier.classify_file(path)
        gpu.refusal = None
        later = classifier.classify_file(path)
    assert result.metadata.device == "cpu"
    assert result.metadata.fallback_reason == (
        "The first choice is not here. No shared GPU became free in time; please try again in a minute. "
        "This answer comes from the slower processor instead."
    )
    assert result.predictions == later.predictions
    assert (later.metadata.device, later.metadata.fallback_reason) == ("cuda", "The first choice is not here.")


def test_of_two_visitors_with_the_same_track_only_the_refused_one_hears_of_it(
    gpu: LentGpu, on_zerogpu: None, together: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu_fallback, "load_model", lambda settings: LoadedModel(FakeBackend()))
    monkeypatch.setattr(cpu_fallback, "EMBEDDED", ("fake",))
    path = write_wav(tmp_path / "noise.wav", noise(5.0, RATE_HZ), RATE_HZ)
    gpu.refusal, gpu.refused = error("ZeroGPU quota exceeded", "Try again in 0:59:00."), "ana"
    with GenreClassifier(Settings(cache_mb=0), backend=on_cuda()) as classifier, ThreadPoolExecutor(2) as pool:

        def classify(visitor: str) -> "Future[ClassificationResult]":
            context = copy_context()
            context.run(VISITOR.set, visitor)
            return pool.submit(context.run, classifier.classify_file, path)

        hers = classify("ana")
        assert together.wait(PATIENCE_S)
        his = classify("bo").result(PATIENCE_S).metadata
    assert "0:59:00" in (hers.result().metadata.fallback_reason or "")
    assert (his.device, his.fallback_reason) == ("cuda", None)


def test_without_a_spare_the_visitor_hears_which_models_need_no_gpu(
    gpu: LentGpu, on_zerogpu: None, tmp_path: Path
) -> None:
    gpu.refusal = error("ZeroGPU client error", "No GPU was available")
    path = write_wav(tmp_path / "noise.wav", noise(5.0, RATE_HZ), RATE_HZ)
    with (
        GenreClassifier(Settings(cache_mb=0), backend=on_cuda()) as classifier,
        pytest.raises(GpuUnavailableError, match=r"became free.* such as standard, answer without it"),
    ):
        classifier.score_file(path)


def test_only_a_model_on_a_lent_gpu_needs_this_engine(on_zerogpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_zerogpu()
    assert isinstance(engine_for(on_cuda()), TrackEngine)
    engine_for(on_cuda()).close()
    for backend in (FakeBackend(), on_cuda()):
        engine = engine_for(backend)
        assert isinstance(engine, ScoringEngine) == (backend.info.device == "cpu")
        engine.close()
        monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
        elsewhere = engine_for(backend)
        assert isinstance(elsewhere, ScoringEngine)
        assert not isinstance(elsewhere, TrackEngine)
        elsewhere.close()
        monkeypatch.setenv("SPACES_ZERO_GPU", "true")


@pytest.fixture
def classifiers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Settings]]:
    """Settings of every classifier that a pool loads; the model ``broken`` does not load."""
    loaded: list[Settings] = []

    def load(
        settings: Settings,
        *,
        runner: ModelRunner | None = None,
        decoder: Decoder | None = None,
        line: WaitingLine | None = None,
    ) -> GenreClassifier:
        if settings.model == "broken":
            raise ModelUnavailableError("The model broken is damaged.")
        loaded.append(settings)
        return GenreClassifier(settings, backend=FakeBackend(), decoder=decoder, line=line)

    monkeypatch.setattr(model_pool, "GenreClassifier", load)
    monkeypatch.setattr(ModelPool, "offered", lambda self: ("fake", "one", "broken", "two", "three", "tags", "late"))
    monkeypatch.setattr(ModelPool, "available", lambda self: ("fake", "one", "broken", "two", "three", "tags"))
    return loaded  # type: ignore[return-value]


def test_a_space_loads_what_it_has_at_the_start_and_keeps_it(on_zerogpu: None, classifiers: list[Settings]) -> None:
    with ModelPool(Settings(model="fake")) as models:
        at_start = [(settings.model, settings.device) for settings in classifiers]
        assert at_start == [*((name, "auto") for name in ("fake", "one", "two", "three")), ("tags", "cpu")]
        for name in ("one", "two", "three", "tags", "late", "one"):
            with models.acquire(name):
                pass
        assert [(settings.model, settings.device) for settings in classifiers[5:]] == [("late", "cpu")]
        with pytest.raises(ModelUnavailableError), models.acquire("broken"):
            pass


def test_elsewhere_only_the_first_choice_is_loaded_at_the_start(classifiers: list[Settings]) -> None:
    with ModelPool(Settings(model="fake")):
        assert [settings.model for settings in classifiers] == ["fake"]


def test_elsewhere_the_library_is_not_imported() -> None:
    prepare()
    probe = (
        "import sys, genre_app.inference.zerogpu_engine as z, genre_app.inference.classifier; z.prepare();"
        "print(sorted({'spaces', 'torch', 'gradio'} & sys.modules.keys()))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "SPACES_ZERO_GPU"}
    run = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
