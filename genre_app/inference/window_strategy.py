"""Score a track as the windows that the user chose; each is cached by its place, so only new ones are scored."""

import base64
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Base64Bytes, BaseModel

from genre_app.audio.decoder import Decoder
from genre_app.audio.disk_buffer import DiskBuffer
from genre_app.errors import InvalidOptionError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.contracts import Engine, ScoreJob, by_column, embedded
from genre_app.inference.feeding import feed_engine, no_sound, until
from genre_app.inference.framing import centred, level_dbfs
from genre_app.inference.patch_strategy import AUDIO_REVISION
from genre_app.inference.peak_meter import PeakMeter
from genre_app.models.base import WindowGrid
from genre_app.results.build import TrackAnalysis
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import layout_of, plan_windows


@dataclass(frozen=True, slots=True)
class Span:
    """Where a window lies on a track, in samples."""

    start: int
    n_samples: int


class Recording(BaseModel):
    """What must be known of a file to look its windows up without decoding it."""

    n_samples: int
    source_rate_hz: int
    warnings: tuple[str, ...] = ()
    peaks: Base64Bytes


def spans_of(n_samples: int, rate_hz: int, options: SliceOptions) -> list[Span]:
    """Lay windows over ``n_samples``, as `genre_app.results.window_plan.plan_windows` does over seconds."""
    plan = plan_windows(n_samples / rate_hz, options.window_seconds, options.overlap, options.max_chunks)
    length = round(options.window_seconds * rate_hz)
    starts = [round(start_s * rate_hz) for start_s in plan.starts_s.tolist()]
    return [Span(start, min(length, n_samples - start)) for start in starts]


#: Rows of windows, shape (n_columns + 1,) each: the model's answer, and the window's level in dBFS.
WindowLogits = dict[Span, NDArray[np.float32]]


class WindowStore:
    """The cache's windows of one file under one model.

    Parameters
    ----------
    cache : ScoreCache or None
        Where they are kept; None keeps nothing.
    prefix : str
        Names file, model and rate.
    """

    def __init__(self, cache: ScoreCache | None, prefix: str) -> None:
        self._cache = cache
        self._prefix = prefix

    def recording(self) -> Recording | None:
        """Return what is known of the file, if it was decoded before."""
        text = self._cache.get_text(f"{self._prefix}:recording") if self._cache else None
        return Recording.model_validate_json(text) if text else None

    def remember(self, recording: Recording) -> None:
        """Keep what is known of the file."""
        if self._cache:
            self._cache.put_text(f"{self._prefix}:recording", recording.model_dump_json())

    def find(self, spans: list[Span]) -> WindowLogits:
        """Return the rows of the windows that are there."""
        if self._cache is None:
            return {}
        found = ((span, self._cache.get_logits(self._key(span))) for span in spans)
        return {span: logits for span, logits in found if logits is not None}

    def keep(self, span: Span, logits: NDArray[np.float32]) -> None:
        """Keep a window's row."""
        if self._cache:
            self._cache.put_logits(self._key(span), logits)

    def _key(self, span: Span) -> str:
        return f"{self._prefix}:{span.start}+{span.n_samples}"


class WindowStrategy:
    """Track logits with a model that takes whole windows; see `genre_app.inference.contracts.ScoringStrategy`.

    Parameters
    ----------
    engine : Engine
        Its model has a grid of windows.
    grid : WindowGrid
        The engine's.
    cache : ScoreCache or None
        Keeps windows one by one: a cancelled analysis goes on where it stopped.
    decoder : Decoder
        Opens the files.
    """

    def __init__(self, engine: Engine, grid: WindowGrid, cache: ScoreCache | None, decoder: Decoder) -> None:
        self._engine = engine
        self._grid = grid
        self._cache = cache
        self._decoder = decoder

    def key(self, audio_sha256: str, options: SliceOptions) -> str:
        """Return the cache key of a file's logits under some windows."""
        longest_s = self._grid.max_samples / self._grid.sample_rate_hz
        if options.window_seconds > longest_s:
            raise InvalidOptionError(
                f"The model {self._engine.info.name} hears windows of at most {longest_s:g} seconds; "
                "please choose a shorter window or another model."
            )
        return f"{self._prefix(audio_sha256)}:{options.window_seconds}/{options.overlap}/{options.max_chunks}"

    def recall(self, audio_sha256: str, options: SliceOptions) -> TrackLogits | None:
        """Return the logits of a file's windows from the cache, if all of them are there."""
        store = WindowStore(self._cache, self._prefix(audio_sha256))
        recording = store.recording()
        if recording is None:
            return None
        spans = spans_of(recording.n_samples, self._grid.sample_rate_hz, options)
        known = store.find(spans)
        return self._to_track(known, recording, options) if len(known) == len(spans) else None

    def score_file(self, job: ScoreJob) -> TrackLogits:
        """Score the windows of a file that are not in the cache."""
        store = WindowStore(self._cache, self._prefix(job.audio_sha256))
        with DiskBuffer() as buffer:
            recording = self._decode(job, buffer)
            job.file.check()
            store.remember(recording)
            logits = self._score_missing(buffer, store, recording, job)
        return self._to_track(logits, recording, job.options)

    def score_audio(self, audio: NDArray[np.float32], options: SliceOptions, *, source_rate_hz: int) -> TrackLogits:
        """Score the windows of audio in memory."""
        self.key("", options)
        if len(audio) == 0:
            raise no_sound()
        spans = spans_of(len(audio), self._grid.sample_rate_hz, options)
        logits: WindowLogits = {}
        self._score(
            spans, lambda span: audio[span.start : span.start + span.n_samples], logits.update, threading.Event()
        )
        meter = PeakMeter(self._grid.sample_rate_hz)
        meter.take(audio)
        recording = Recording(n_samples=len(audio), source_rate_hz=source_rate_hz, peaks=_as_text(meter, len(audio)))
        return self._to_track(logits, recording, options)

    def _prefix(self, audio_sha256: str) -> str:
        info = self._engine.info
        return ":".join((audio_sha256, info.name, info.revision, info.precision, self._grid.key(), AUDIO_REVISION))

    def _decode(self, job: ScoreJob, buffer: DiskBuffer) -> Recording:
        """Decode the whole track: only its true length says where its windows lie."""
        with (
            self._decoder.open(job.path, self._grid.sample_rate_hz, cancel=job.cancel, tap=job.tap) as stream,
            self._decoder.turn(job.cancel),
        ):
            job.opened(stream.info.duration_s)
            meter = PeakMeter(self._grid.sample_rate_hz)
            for block in until(job.cancel, stream):
                buffer.write(block)
                meter.take(block)
            if buffer.n_samples == 0:
                raise no_sound()
            return Recording(
                n_samples=buffer.n_samples,
                source_rate_hz=stream.info.sample_rate_hz,
                warnings=stream.warnings,
                peaks=_as_text(meter, buffer.n_samples),
            )

    def _score_missing(
        self, buffer: DiskBuffer, store: WindowStore, recording: Recording, job: ScoreJob
    ) -> WindowLogits:
        """Score the windows that the store lacks, and keep each at once."""
        spans = spans_of(buffer.n_samples, self._grid.sample_rate_hz, job.options)
        logits = store.find(spans)
        missing = [span for span in spans if span not in logits]

        def on_scored(scored: WindowLogits) -> None:
            for span, row in scored.items():
                store.keep(span, row)
            logits.update(scored)
            report()

        def report() -> None:
            share = len(logits) / len(spans)
            so_far = self._so_far(logits, spans, recording, job)
            scored_s = share * recording.n_samples / self._grid.sample_rate_hz
            job.on_progress(Progress("scoring", share, scored_s, so_far=so_far))

        report()
        self._score(missing, lambda span: buffer.read(span.start, span.n_samples), on_scored, job.cancel)
        return logits

    def _score(
        self,
        spans: list[Span],
        read: Callable[[Span], NDArray[np.float32]],
        on_scored: Callable[[WindowLogits], None],
        cancel: threading.Event,
    ) -> None:
        waiting = iter(spans)
        levels_dbfs: deque[float] = deque()

        def collect(rows: NDArray[np.float32]) -> None:
            levels = np.array([levels_dbfs.popleft() for _ in rows], np.float32)
            on_scored({next(waiting): row for row in np.column_stack([rows, levels])})

        def windows() -> Iterator[NDArray[np.float32]]:
            for audio in map(read, (self._long_enough(span) for span in spans)):
                levels_dbfs.append(level_dbfs(audio))
                # A track below the model's minimum is repeated to fill it, as for patches.
                is_long_enough = len(audio) >= self._grid.min_samples
                yield centred(audio if is_long_enough else np.resize(audio, self._grid.min_samples))

        feed_engine(self._engine, windows(), on_scored=collect, cancel=cancel)

    def _long_enough(self, span: Span) -> Span:
        """Return what the model hears of a window: one below its minimum, at the end of a track, begins earlier."""
        n_missing = min(max(0, self._grid.min_samples - span.n_samples), span.start)
        return Span(span.start - n_missing, span.n_samples + n_missing)

    def _so_far(
        self, logits: WindowLogits, spans: list[Span], recording: Recording, job: ScoreJob
    ) -> TrackAnalysis | None:
        """Return the part of the track up to the first window that is missing, unless windows are left out."""
        n_known = next((i for i, span in enumerate(spans) if span not in logits), len(spans))
        if n_known == 0 or job.options.max_chunks is not None:
            return None
        last = spans[n_known - 1]
        n_samples = last.start + last.n_samples
        n_bins = len(recording.peaks) // 2 * n_samples // recording.n_samples
        part = recording.model_copy(update={"n_samples": n_samples, "peaks": recording.peaks[: 2 * n_bins]})
        track = self._to_track(logits, part, job.options)
        return TrackAnalysis(
            track, job.path.name, self._engine.info, self.key(job.audio_sha256, job.options), cache_hit=False
        )

    def _to_track(self, logits: WindowLogits, recording: Recording, options: SliceOptions) -> TrackLogits:
        rate_hz = self._grid.sample_rate_hz
        spans = spans_of(recording.n_samples, rate_hz, options)
        rows = np.stack([logits[span] for span in spans])
        answers = rows[:, :-1]
        track = TrackLogits(
            **by_column(answers, self._engine.info),
            levels_dbfs=rows[:, -1],
            starts_s=np.array([span.start for span in spans]) / rate_hz,
            patch_seconds=options.window_seconds,
            duration_s=recording.n_samples / rate_hz,
            source_sample_rate_hz=recording.source_rate_hz,
            warnings=recording.warnings,
            peaks=np.frombuffer(recording.peaks, np.uint8).reshape(-1, 2),
            layout=layout_of(options),
        )
        return embedded(track, answers, self._engine.info)


def _as_text(meter: PeakMeter, n_samples: int) -> bytes:
    """Write a track's peaks as `Recording` takes them."""
    return base64.b64encode(meter.peaks(n_samples).tobytes())
