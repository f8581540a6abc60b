"""A request carried out: find the tracks, work on them, and say how it went."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Final

from genre_app.collection.console import Console
from genre_app.collection.options import Request
from genre_app.collection.output_folder import OVERVIEW_NAME, TAGGED_FOLDER
from genre_app.collection.record import Entry
from genre_app.collection.signals import set_by_signals
from genre_app.collection.sinks import Delivery, Outcome, delivery_for
from genre_app.collection.summary import status_count, summary_text
from genre_app.collection.tracks import Track, find_tracks
from genre_app.collection.workers import Batch
from genre_app.errors import OutputError
from genre_app.inference.extra_tags import Models
from genre_app.track_work import TrackJob

#: What shells use for a program that Ctrl-C ended.
INTERRUPTED: Final = 130
#: How long a stopped run waits for its workers. They look up ten times a second, but for pictures, tempo and key.
_PATIENCE_S: Final = 1.0


class Run:
    """One run over a collection.

    Parameters
    ----------
    request : Request
        What to do.
    models_in_use : Models
        Shared by all workers.
    """

    def __init__(self, request: Request, models_in_use: Models) -> None:
        self._request = request
        self._listeners = models_in_use
        self._cancel = threading.Event()
        self._started = time.monotonic()

    def execute(self) -> int:
        """Do it.

        Returns
        -------
        int
            Exit status: 0 if every track was classified, 1 if some failed, 130 if the run was stopped.

        Raises
        ------
        OutputError
            Nothing at all can be written to the output folder.
        """
        collection = find_tracks(self._request.paths, leave_out=self._own_folders())
        delivery = delivery_for(self._request, self._listeners.classifier.model)
        tracks = delivery.place(collection.tracks)
        entries = [delivery.finished(track) for track in tracks]
        n_kept = len(entries) - entries.count(None)
        with Console(len(tracks), n_kept, is_quiet=self._request.is_quiet) as console:
            for problem in collection.problems:
                console.error(problem)
            is_idle = self._work(tracks, entries, delivery, console)
            done = [entry for entry in entries if entry is not None]
            is_saved = self._complete(delivery, done, console)
        self._conclude(console, done, n_tracks=len(tracks), n_kept=n_kept)
        if not is_idle:
            _leave_at_once()
        if self._cancel.is_set():
            return INTERRUPTED
        is_clean = is_saved and not collection.problems and not status_count(done, "failed")
        return 0 if is_clean else 1

    def _own_folders(self) -> list[Path]:
        folder = self._request.destination.folder
        return [folder, folder / TAGGED_FOLDER] if folder else []

    def _work(self, tracks: list[Track], entries: list[Entry | None], delivery: Delivery, console: Console) -> bool:
        """Do every track without an entry and fill in its entry; False where a worker did not stop in time."""
        missing = [index for index, entry in enumerate(entries) if entry is None]
        work = TrackJob(
            self._request,
            self._listeners,
            delivery,
            on_progress=console.on_progress,
            cancel=self._cancel,
        )
        batch: Batch[Track, Outcome] = Batch(work, self._request.n_workers, self._cancel)
        with set_by_signals(self._cancel):
            for done in batch.run([tracks[index] for index in missing]):
                entries[missing[done.index]] = done.answer.entry
                console.finish(done.item, done.answer.entry)
                for text in delivery.show(done.index, done.answer):
                    console.result(text)
            return batch.settle(_PATIENCE_S)

    def _complete(self, delivery: Delivery, entries: list[Entry], console: Console) -> bool:
        try:
            delivery.complete(entries)
        except OutputError as error:
            console.error(str(error))
            return False
        return True

    def _conclude(self, console: Console, entries: list[Entry], *, n_tracks: int, n_kept: int) -> None:
        """Sum up, and say how to go on."""
        folder = self._request.destination.folder
        if n_tracks > 1 or n_kept:
            console.say(summary_text(entries, elapsed_s=time.monotonic() - self._started, n_kept=n_kept))
        if folder and not self._cancel.is_set():
            console.say(f"Overview: {folder / OVERVIEW_NAME}")
        if self._cancel.is_set():
            how = (
                f"Go on with:\n  {self._request.resume_command}"
                if folder
                else "Only a run with --output-dir can go on."
            )
            console.insist(f"Stopped; {len(entries)} of {n_tracks} tracks are done. {how}")


def _leave_at_once() -> None:
    """End without waiting for a worker in the middle of something long; what it writes is written whole or not."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
