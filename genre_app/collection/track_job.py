"""The work on one track of a run."""

import threading
from collections.abc import Callable
from dataclasses import replace

from genre_app.collection.options import RunOptions
from genre_app.collection.record import TrackRecord
from genre_app.collection.sinks import ResultSink
from genre_app.collection.tracks import Track
from genre_app.errors import CancelledError, GenreAppError
from genre_app.formatting import printable
from genre_app.inference.extra_tags import Models, with_moods
from genre_app.report import Report
from genre_app.results.build import windows_of
from genre_app.results.embedding import embedding_of
from genre_app.results.progress import Progress

TrackProgressCallback = Callable[[Track, Progress], None]


class TrackJob:
    """Analyses a track and hands the result to the sink; thread-safe.

    Parameters
    ----------
    options : RunOptions
        How to analyse the tracks.
    models : Models
        Shared by all threads.
    sink : ResultSink
        Receives the results.
    on_progress : callable
        Called with each track and its progress.
    cancel : threading.Event
        Cancels the work on all tracks once set.
    """

    def __init__(
        self,
        options: RunOptions,
        models: Models,
        sink: ResultSink,
        *,
        on_progress: TrackProgressCallback,
        cancel: threading.Event,
    ) -> None:
        self._options = options
        self._models = models
        self._sink = sink
        self._on_progress = on_progress
        self._cancel = cancel

    def __call__(self, track: Track) -> TrackRecord:
        """Analyse a track; a failure becomes a record too.

        Raises
        ------
        CancelledError
            The run was cancelled.
        """
        try:
            return self._sink.deliver(track, lambda: self._analyse(track))
        except GenreAppError as error:
            return self._failure(track, printable(error.about(track.path.name)))
        except Exception as error:  # noqa: BLE001 - one bad file must not end a run over thousands
            what = printable(f"{type(error).__name__}: {error}")
            return self._failure(track, f"Something unexpected went wrong ({what}).")

    def _failure(self, track: Track, reason: str) -> TrackRecord:
        if self._cancel.is_set():  # the failure may be due to the cancellation
            raise CancelledError("The run was stopped.")
        return TrackRecord.failure(str(track.place), reason)

    def _analyse(self, track: Track) -> Report:
        scored = self._models.classifier.score_file(
            track.path,
            self._options.slicing,
            on_progress=lambda progress: self._on_progress(track, progress),
            cancel=self._cancel,
            keep_excerpt=self._options.with_facts,
        )
        scored = replace(scored, name=printable(scored.name))
        if self._models.tagger:
            scored = with_moods(scored, track.path, self._models.tagger, cancel=self._cancel)
        if self._options.with_facts:
            scored = replace(scored, facts=self._models.classifier.facts_of(scored, track.path, cancel=self._cancel))
        result = self._models.classifier.slice(scored, self._options.slicing)
        return Report(result, windows_of(scored, self._options.slicing), embedding_of(scored.track))
