"""A run over a collection: find the tracks, analyse them, and report the outcome."""

import contextlib
import os
import shlex
import sys
import threading
import time
from typing import Final

from genre_app.collection.console import Console
from genre_app.collection.options import RunOptions
from genre_app.collection.output_folder import OVERVIEW_NAME, TAGGED_FOLDER
from genre_app.collection.playlists import PLAYLISTS_FOLDER
from genre_app.collection.record import TrackRecord
from genre_app.collection.signals import set_by_signals
from genre_app.collection.sinks import ResultSink, sink_for
from genre_app.collection.summary import Tally, summary_text, tag_lines
from genre_app.collection.tagging.undo import UNDO_NAME
from genre_app.collection.track_job import TrackJob
from genre_app.collection.tracks import Track, find_tracks
from genre_app.collection.watch import FilesAtRest, watch
from genre_app.collection.workers import Batch
from genre_app.errors import OutputError, WatchError
from genre_app.inference.extra_tags import Models

#: Exit status that shells use for a program ended by Ctrl-C.
INTERRUPTED: Final = 130
#: How long a stopped run waits for its workers, which check for cancellation ten times a second except while drawing
#: pictures or finding tempo and key.
_PATIENCE_S: Final = 1.0


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
        self._console = Console(is_quiet=options.is_quiet)
        self._cancel = threading.Event()
        self._started = time.monotonic()
        self._at_rest = FilesAtRest()
        self._problems: set[str] = set()
        self._remarks: set[str] = set()
        self._tracks: list[Track] = []
        self._tally = Tally()
        self._n_kept = 0
        self._is_saved = False

    def execute(self) -> int:
        """Do the run.

        Returns
        -------
        int
            Exit status: 0 if every track was classified, 1 if some failed, 130 if the run was cancelled before all were
            done.

        Raises
        ------
        OutputError
            The output folder is not writable, in use by another run, or holds an unfinished one.
        """
        with contextlib.closing(sink_for(self._options, self._models.classifier.model)) as sink:
            tracks = self._find(sink, is_first=True)
            with set_by_signals(self._cancel):
                missing = self._missing(tracks, sink)
                self._n_kept = len(tracks) - len(missing)
                self._work_on(tracks, self._whole(tracks, missing), sink)
                self._conclude()
                if self._options.is_watching and not self._cancel.is_set():
                    self._watch(sink)
                    self._conclude()
        if self._is_interrupted:
            return INTERRUPTED
        return 0 if self._is_saved and not self._problems and not self._tally.n_failed else 1

    @property
    def _is_interrupted(self) -> bool:
        """Whether the run was cancelled with work left; to end a watch that has nothing to do is no interruption."""
        return self._cancel.is_set() and self._tally.n_tracks < len(self._tracks)

    def _find(self, sink: ResultSink, *, is_first: bool = False) -> list[Track]:
        """Find the tracks, and say what was left out, at first, and what is in the way, each problem once."""
        folder = self._options.destination.folder
        own_folders = [folder, folder / TAGGED_FOLDER] if folder else []
        collection = find_tracks(self._options.paths, leave_out=own_folders)
        problems = list(collection.problems)
        if not self._options.is_watching:  # into a folder that is watched, tracks may come
            problems += collection.nothing_found
        for problem in problems:
            if problem not in self._problems:
                self._console.error(problem)
        self._problems.update(problems)
        if is_first and (left_out := str(collection.left_out)):
            self._console.say(f"Left out: {left_out}.")
        return sink.place(collection.tracks)

    def _watch(self, sink: ResultSink) -> None:
        """Work on what is new or changed, until the run is cancelled or a folder can no longer be watched."""
        folders = [path for path in self._options.paths if path.is_dir()]
        self._console.say("Watching for new and changed files; stop with Ctrl-C.")
        is_first = True  # what changed before the watch began
        try:
            for changed in watch(folders, leave_out=self._options.destination.folder, stop=self._cancel):
                self._at_rest.touch(changed)
                if changed or self._at_rest.is_waiting or is_first:
                    self._follow(sink)
                is_first = False
        except WatchError as error:
            self._problems.add(str(error))
            self._console.error(str(error))

    def _follow(self, sink: ResultSink) -> None:
        """Work on what is new or changed by now."""
        tracks = self._find(sink)
        if n_gone := len(set(self._tracks).difference(tracks)):
            gone = "1 track is" if n_gone == 1 else f"{n_gone} tracks are"
            self._console.say(f"{gone} gone: the summary names them no more; their reports stay.")
        whole = self._whole(tracks, self._missing(tracks, sink))
        if whole or tracks != self._tracks:
            self._work_on(tracks, whole, sink)

    def _missing(self, tracks: list[Track], sink: ResultSink) -> list[int]:
        """Return the indexes of the tracks that are not done."""
        return [index for index, track in enumerate(tracks) if not sink.is_done(track)]

    def _whole(self, tracks: list[Track], indexes: list[int]) -> list[int]:
        """Leave out files that are still being copied, in a run that will come back for them."""
        return self._at_rest.select(tracks, indexes) if self._options.is_watching else indexes

    def _work_on(self, tracks: list[Track], indexes: list[int], sink: ResultSink) -> None:
        """Analyse the tracks with these indexes, and write the outputs that cover all."""
        self._tracks = tracks
        with self._console.progress(len(tracks), len(tracks) - len(indexes)):
            is_idle = self._analyse(indexes, sink)
        self._tally = sink.tally(tracks)
        self._complete(sink)
        if not is_idle:
            self._conclude()
            _exit_now()

    def _analyse(self, indexes: list[int], sink: ResultSink) -> bool:
        """Analyse the tracks with these indexes; return False if a worker did not stop in time."""
        work = TrackJob(
            self._options,
            self._models,
            sink,
            on_progress=self._console.on_progress,
            cancel=self._cancel,
        )
        batch: Batch[Track, TrackRecord] = Batch(work, self._options.n_workers, self._cancel)
        for position, track, record in batch.run([self._tracks[index] for index in indexes]):
            self._console.finish(track, record, is_shown=sink.is_for_people)
            for text in sink.accept(indexes[position], track, record):
                self._console.result(text)
        return batch.settle(_PATIENCE_S)

    def _complete(self, sink: ResultSink) -> None:
        try:
            remarks = sink.complete(self._tracks, self._tally)
            if self._tally.n_tracks == len(self._tracks):
                sink.end()
        except OutputError as error:
            self._is_saved = False
            self._console.error(str(error))
        else:
            self._is_saved = True
            for remark in remarks:
                if remark not in self._remarks:  # a watch comes here again and again
                    self._console.say(remark)
            self._remarks.update(remarks)

    def _conclude(self) -> None:
        """Print the summary, and how to resume a cancelled run."""
        folder = self._options.destination.output_folder
        n_tracks = len(self._tracks)
        is_preview = self._options.destination.is_preview
        if n_tracks > 1 or self._n_kept:
            elapsed_s = time.monotonic() - self._started
            self._console.say(
                summary_text(self._tally, elapsed_s=elapsed_s, n_kept=self._n_kept, is_preview=is_preview)
            )
        elif lines := tag_lines(self._tally, is_preview=is_preview):
            self._console.say("\n".join(lines))
        if folder and self._is_saved:
            self._console.say(f"Overview: {folder / OVERVIEW_NAME}")
            if self._options.destination.with_playlists and (folder / PLAYLISTS_FOLDER).is_dir():
                self._console.say(f"Playlists: {folder / PLAYLISTS_FOLDER}")
        if self._options.destination.tagging == "in_place" and folder and (folder / UNDO_NAME).exists():
            self._console.say(f"To undo the tags: genre tags undo {shlex.quote(str(folder))}")
        if self._is_interrupted:
            how = (
                f"Go on with:\n  {self._options.resume_command}"
                if folder
                else "Only a run with --output-dir can go on."
            )
            self._console.insist(f"Stopped; {self._tally.n_tracks} of {n_tracks} tracks are done. {how}")


def _exit_now() -> None:
    """End the process without waiting for a busy worker; its files are written atomically."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(INTERRUPTED)
