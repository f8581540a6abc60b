"""A run over a collection: find the tracks, analyse them, and report the outcome."""

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from genre_app.collection.console import Console
from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OVERVIEW_NAME, TAGGED_FOLDER
from genre_app.collection.record import TrackRecord
from genre_app.collection.signals import set_by_signals
from genre_app.collection.sinks import ResultSink, sink_for
from genre_app.collection.summary import status_count, summary_text
from genre_app.collection.tracks import Track, find_tracks
from genre_app.collection.workers import Batch
from genre_app.errors import CancelledError, GenreAppError, OutputError
from genre_app.formatting import printable
from genre_app.inference.extra_tags import Models, with_moods
from genre_app.report import Report
from genre_app.results.build import windows_of
from genre_app.results.embedding import embedding_of
from genre_app.results.progress import Progress

#: Exit status that shells use for a program ended by Ctrl-C.
INTERRUPTED: Final = 130
#: How long a stopped run waits for its workers, which check for cancellation ten times a second except while drawing
#: pictures or finding tempo and key.
_PATIENCE_S: Final = 1.0


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
            return self._failure(track, f"Something unexpected went wrong ({type(error).__name__}: {error}).")

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
        result = self._models.classifier.slice(scored, self._options.slicing)
        if self._options.with_facts:
            facts = self._models.classifier.facts_of(scored, track.path, cancel=self._cancel)
            result = result.model_copy(update={"facts": facts})
        return Report(result, windows_of(scored, self._options.slicing), embedding_of(scored.track))


class Run:
    """One run over a collection.

    Parameters
    ----------
    options : RunOptions
        What to do.
    models : Models
        Shared by all workers.
    """

    def __init__(self, options: RunOptions, models: Models) -> None:
        self._options = options
        self._models = models
        self._cancel = threading.Event()
        self._started = time.monotonic()

    def execute(self) -> int:
        """Do the run.

        Returns
        -------
        int
            Exit status: 0 if every track was classified, 1 if some failed, 130 if the run was cancelled.

        Raises
        ------
        OutputError
            The output folder is not writable.
        """
        collection = find_tracks(self._options.paths, leave_out=self._own_folders())
        sink = sink_for(self._options, self._models.classifier.model)
        tracks = sink.place(collection.tracks)
        records = [sink.finished(track) for track in tracks]
        n_kept = len(records) - records.count(None)
        with Console(len(tracks), n_kept, is_quiet=self._options.is_quiet) as console:
            for problem in collection.problems:
                console.error(problem)
            is_idle = self._work(tracks, records, sink, console)
            done = [record for record in records if record is not None]
            is_saved = self._complete(sink, done, console)
        self._conclude(console, done, n_tracks=len(tracks), n_kept=n_kept)
        if not is_idle:
            _exit_now()
        if self._cancel.is_set():
            return INTERRUPTED
        is_clean = is_saved and not collection.problems and not status_count(done, "failed")
        return 0 if is_clean else 1

    def _own_folders(self) -> list[Path]:
        folder = self._options.destination.folder
        return [folder, folder / TAGGED_FOLDER] if folder else []

    def _work(self, tracks: list[Track], records: list[TrackRecord | None], sink: ResultSink, console: Console) -> bool:
        """Analyse the tracks without a record and fill theirs in; return False if a worker did not stop in time."""
        missing = [index for index, record in enumerate(records) if record is None]
        work = TrackJob(
            self._options,
            self._models,
            sink,
            on_progress=console.on_progress,
            cancel=self._cancel,
        )
        batch: Batch[Track, TrackRecord] = Batch(work, self._options.n_workers, self._cancel)
        with set_by_signals(self._cancel):
            for index, track, record in batch.run([tracks[index] for index in missing]):
                records[missing[index]] = record.model_copy(update={"printed": None})
                console.finish(track, record, is_shown=sink.is_for_people)
                for text in sink.show(index, record):
                    console.result(text)
            return batch.settle(_PATIENCE_S)

    def _complete(self, sink: ResultSink, records: list[TrackRecord], console: Console) -> bool:
        try:
            remarks = sink.complete(records)
        except OutputError as error:
            console.error(str(error))
            return False
        for remark in remarks:
            console.say(remark)
        return True

    def _conclude(self, console: Console, records: list[TrackRecord], *, n_tracks: int, n_kept: int) -> None:
        """Print the summary, and how to resume a cancelled run."""
        folder = self._options.destination.output_folder
        if n_tracks > 1 or n_kept:
            console.say(summary_text(records, elapsed_s=time.monotonic() - self._started, n_kept=n_kept))
        if folder and not self._cancel.is_set():
            console.say(f"Overview: {folder / OVERVIEW_NAME}")
        if self._cancel.is_set():
            how = (
                f"Go on with:\n  {self._options.resume_command}"
                if folder
                else "Only a run with --output-dir can go on."
            )
            console.insist(f"Stopped; {len(records)} of {n_tracks} tracks are done. {how}")


def _exit_now() -> None:
    """End the process without waiting for a busy worker; its files are written atomically."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
