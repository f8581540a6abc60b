"""The work on one track of a run, from the file to its outputs."""

import threading
from collections.abc import Callable
from dataclasses import replace

from genre_app.collection.options import Request
from genre_app.collection.record import Entry
from genre_app.collection.sinks import Delivery, Outcome
from genre_app.collection.tracks import Track, printable
from genre_app.errors import CancelledError, GenreAppError
from genre_app.inference.extra_tags import Models, with_tags
from genre_app.report import Report
from genre_app.results.progress import Progress
from genre_app.results.windows import slice_track

TrackProgressCallback = Callable[[Track, Progress], None]


class TrackJob:
    """Classifies a track and delivers the result; called from any number of threads.

    Parameters
    ----------
    request : Request
        How to listen.
    models_in_use : Models
        Shared by all threads.
    delivery : Delivery
        What becomes of the result.
    on_progress : callable
        Told of every track's progress.
    cancel : threading.Event
        Stops the work on every track once it is set.
    """

    def __init__(
        self,
        request: Request,
        models_in_use: Models,
        delivery: Delivery,
        *,
        on_progress: TrackProgressCallback,
        cancel: threading.Event,
    ) -> None:
        self._request = request
        self._listeners = models_in_use
        self._delivery = delivery
        self._on_progress = on_progress
        self._cancel = cancel

    def __call__(self, track: Track) -> Outcome:
        """Do all of it; a failure becomes an entry.

        Raises
        ------
        CancelledError
            The run was stopped.
        """
        try:
            return self._delivery.deliver(track, lambda: self._listen(track))
        except GenreAppError as error:
            return self._failure(track, printable(str(error)))
        except Exception as error:  # noqa: BLE001 - one odd file must not end a run over thousands
            return self._failure(track, f"Something unexpected went wrong ({type(error).__name__}: {error}).")

    def _failure(self, track: Track, reason: str) -> Outcome:
        if self._cancel.is_set():  # what fails while everything is being stopped says nothing of the track
            raise CancelledError("The run was stopped.")
        return Outcome(Entry.failure(str(track.place), reason))

    def _listen(self, track: Track) -> Report:
        scored = self._listeners.classifier.score_file(
            track.path,
            self._request.slicing,
            on_progress=lambda progress: self._on_progress(track, progress),
            cancel=self._cancel,
        )
        scored = replace(scored, name=printable(scored.name))
        if self._listeners.tagger:
            scored = with_tags(scored, track.path, self._listeners.tagger, cancel=self._cancel)
        result = self._listeners.classifier.slice(scored, self._request.slicing)
        if self._request.with_facts:
            facts = self._listeners.classifier.facts_file(track.path, cancel=self._cancel)
            result = result.model_copy(update={"facts": facts})
        return Report(result, slice_track(scored.track, self._request.slicing))
