"""Hear a track as the windows that the user chose, each kept by its place: another choice runs only what is new."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.audio import open_audio
from genre_app.audio.disk_buffer import Spool
from genre_app.errors import CancelledError, InvalidOptionError, TruncatedAudioError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import Engine
from genre_app.inference.feeding import score_pieces, until
from genre_app.inference.patch_strategy import AUDIO_REVISION
from genre_app.models.base import WindowGrid
from genre_app.results.progress import Progress, ProgressListener
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import ScoreTrack
from genre_app.results.windows import layout_of
from genre_app.track_scoring import Columns, Scoring
from genre_app.window_store import Recording, Span, WindowStore, spans_of

_POLL_S: Final = 0.1

Logits = dict[Span, NDArray[np.float32]]


class WindowScoring:
    """Score tracks with a model that hears whole windows; see `genre_app.track_scoring.TrackScoring`.

    Parameters
    ----------
    engine : Engine
        Its model has a grid of windows.
    grid : WindowGrid
        The engine's.
    cache : ScoreCache or None
        Keeps windows one by one: a cancelled analysis goes on where it stopped.
    max_minutes : float
        Longest track that is accepted.
    decoding : threading.Semaphore
        How many tracks may be decoded at the same time.
    """

    def __init__(
        self,
        engine: Engine,
        grid: WindowGrid,
        cache: ScoreCache | None,
        *,
        max_minutes: float,
        decoding: threading.Semaphore,
    ) -> None:
        self._engine = engine
        self._grid = grid
        self._cache = cache
        self._max_minutes = max_minutes
        self._decoding = decoding

    def key(self, content: str, options: SliceOptions) -> str:
        """Name the scores of a file under some windows."""
        longest_s = self._grid.max_samples / self._grid.sample_rate_hz
        if options.window_seconds > longest_s:
            raise InvalidOptionError(
                f"The model {self._engine.info.name} hears windows of at most {longest_s:g} seconds; "
                "please choose a shorter window or another model."
            )
        return f"{self._prefix(content)}:{options.window_seconds}/{options.overlap}/{options.max_chunks}"

    def recall(self, content: str, options: SliceOptions) -> ScoreTrack | None:
        """Return the scores of a file's windows from the cache, if all of them are there."""
        store = WindowStore(self._cache, self._prefix(content))
        recording = store.recording()
        if recording is None:
            return None
        spans = spans_of(recording.n_samples, self._grid.sample_rate_hz, options)
        known = store.find(spans)
        return self._to_track(known, recording, options) if len(known) == len(spans) else None

    def score_file(
        self, path: Path, content: str, options: SliceOptions, *, tell: ProgressListener, cancel: threading.Event
    ) -> Scoring:
        """Score the windows of a file that are not in the cache."""
        started = time.perf_counter()
        if known := self.recall(content, options):
            return Scoring(known, cache_hit=True, timings={"cache": time.perf_counter() - started})
        store = WindowStore(self._cache, self._prefix(content))
        with Spool() as spool:
            recording = self._decode(path, spool, cancel)
            store.remember(recording)
            decoded = time.perf_counter()
            logits = self._listen(spool, store, options, tell, cancel)
        timings = {"decode": decoded - started, "score": time.perf_counter() - decoded}
        return Scoring(self._to_track(logits, recording, options), timings=timings)

    def score_audio(
        self, audio: NDArray[np.float32], options: SliceOptions, *, name: str, source_rate_hz: int
    ) -> ScoreTrack:
        """Score the windows of audio in memory."""
        self.key("", options)
        if len(audio) == 0:
            raise _nothing_in(name)
        spans = spans_of(len(audio), self._grid.sample_rate_hz, options)
        logits: Logits = {}
        self._score(
            spans, lambda span: audio[span.start : span.start + span.n_samples], logits.update, threading.Event()
        )
        return self._to_track(logits, Recording(n_samples=len(audio), source_rate_hz=source_rate_hz), options)

    def _prefix(self, content: str) -> str:
        info = self._engine.info
        return ":".join((content, info.name, info.revision, info.precision, self._grid.key(), AUDIO_REVISION))

    def _decode(self, path: Path, spool: Spool, cancel: threading.Event) -> Recording:
        """Decode the whole track: only its true length says where its windows lie."""
        with (
            _turn(self._decoding, cancel),
            open_audio(path, self._grid.sample_rate_hz, max_minutes=self._max_minutes) as stream,
        ):
            for block in until(cancel, stream):
                spool.write(block)
            if spool.n_samples == 0:
                raise _nothing_in(path.name)
            return Recording(
                n_samples=spool.n_samples, source_rate_hz=stream.info.sample_rate_hz, warnings=stream.warnings
            )

    def _listen(
        self, spool: Spool, store: WindowStore, options: SliceOptions, tell: ProgressListener, cancel: threading.Event
    ) -> Logits:
        """Score what the store does not know of a track, and keep it there at once."""
        spans = spans_of(spool.n_samples, self._grid.sample_rate_hz, options)
        logits = store.find(spans)
        missing = [span for span in spans if span not in logits]

        def on_scored(scored: Logits) -> None:
            for span, row in scored.items():
                store.keep(span, row)
            logits.update(scored)
            share = len(logits) / len(spans)
            tell(Progress("listening", share, share * spool.n_samples / self._grid.sample_rate_hz))

        tell(Progress("listening", len(logits) / len(spans)))
        self._score(missing, lambda span: spool.read(span.start, span.n_samples), on_scored, cancel)
        return logits

    def _score(
        self,
        spans: list[Span],
        read: Callable[[Span], NDArray[np.float32]],
        on_scored: Callable[[Logits], None],
        cancel: threading.Event,
    ) -> None:
        waiting = iter(spans)

        def collect(rows: NDArray[np.float32]) -> None:
            on_scored({next(waiting): row for row in rows})

        # What is shorter than the model can hear is repeated, as patches are.
        windows = (
            audio if len(audio) >= self._grid.min_samples else np.resize(audio, self._grid.min_samples)
            for audio in map(read, spans)
        )
        score_pieces(self._engine, windows, on_scored=collect, cancel=cancel)

    def _to_track(self, logits: Logits, recording: Recording, options: SliceOptions) -> ScoreTrack:
        info, rate_hz = self._engine.info, self._grid.sample_rate_hz
        spans = spans_of(recording.n_samples, rate_hz, options)
        rows = np.stack([logits[span] for span in spans])
        columns = Columns(info)
        return ScoreTrack(
            logits=columns.labels(rows),
            music_logits=columns.music(rows),
            tag_logits=columns.tags(rows),
            starts_s=np.array([span.start for span in spans]) / rate_hz,
            patch_seconds=options.window_seconds,
            duration_s=recording.n_samples / rate_hz,
            labels=info.labels,
            tags=info.tags,
            activation=info.activation,
            model_name=info.name,
            weights_revision=info.revision,
            source_sample_rate_hz=recording.source_rate_hz,
            warnings=recording.warnings,
            layout=layout_of(options),
        )


@contextmanager
def _turn(places: threading.Semaphore, cancel: threading.Event) -> Iterator[None]:
    """Wait for one of the places, but not beyond the caller's patience, and give it back."""
    while not places.acquire(timeout=_POLL_S):
        if cancel.is_set():
            raise CancelledError("The analysis was cancelled.")
    try:
        yield
    finally:
        places.release()


def _nothing_in(name: str) -> TruncatedAudioError:
    return TruncatedAudioError(f"{name} holds no sound; please choose another recording.")
