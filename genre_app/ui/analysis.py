"""The page's events: a track arrives, a slider moves, a visitor cancels."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.errors import CancelledError, GenreAppError
from genre_app.progress import Progress
from genre_app.report import to_json
from genre_app.result import ScoredTrack
from genre_app.schema import SliceOptions
from genre_app.service import GenreClassifier
from genre_app.ui import view
from genre_app.ui.sessions import Sessions

_log = logging.getLogger(__name__)

#: Tracks of different visitors that are analysed at the same time; they share the model's batches.
MAX_TRACKS_AT_ONCE: Final = 16
_PROGRESS_EVERY_S: Final = 0.2
WELCOME: Final = "Drop a recording above, or record one: the analysis starts by itself."
_FAILURE: Final = "Something went wrong in the app; please try again, or try another recording."

#: Values for components in a fixed order; Gradio types none of them.
Updates = tuple[Any, ...]


class Latest:
    """The newest progress of one track, written by its worker and read by the page."""

    def __init__(self) -> None:
        self._progress = Progress("reading", None)

    def put(self, progress: Progress) -> None:
        """Replace the progress; assignment is atomic."""
        self._progress = progress

    def get(self) -> Progress:
        """Return the newest progress."""
        return self._progress


class Analysis:
    """Connects the page's components with the classifier.

    Parameters
    ----------
    classifier : GenreClassifier
        Shared by all visitors.
    downloads : Path
        Folder for the files that visitors take away.
    """

    def __init__(self, classifier: GenreClassifier, downloads: Path) -> None:
        self._classifier = classifier
        self._downloads = downloads
        self._sessions = Sessions()
        self._workers = ThreadPoolExecutor(MAX_TRACKS_AT_ONCE, thread_name_prefix="track")

    def analyse(
        self, path: str | None, window_seconds: float, overlap: float, top_k: float, request: gr.Request
    ) -> Iterator[Updates]:
        """Score a track that arrived; say how far it is, then show what it is.

        Yields
        ------
        tuple
            Values for scored track, status, cancel button, results, headline, bars and timeline.
        """
        cancel = self._sessions.begin(request.session_hash)
        if path is None:
            yield _waiting(view.message(WELCOME))
            return
        try:
            options = _options(window_seconds, overlap, top_k)
            latest = Latest()
            future = self._workers.submit(self._classifier.score_file, path, on_progress=latest.put, cancel=cancel)
            while True:
                yield _listening(view.status(latest.get()))
                if wait([future], timeout=_PROGRESS_EVERY_S).done:
                    break
            scored = future.result()
            yield scored, "", gr.update(visible=False), gr.update(visible=True), *self._charts(scored, options)
        except CancelledError:
            yield _waiting(view.message("Cancelled. Drop another recording whenever you like."))
        except GenreAppError as error:
            yield _waiting(view.message(str(error), kind="error"))
        except Exception:  # noqa: BLE001 - the page never shows a traceback; the log does
            _log.exception("analysing a track failed")
            yield _waiting(view.message(_FAILURE, kind="error"))
        finally:
            cancel.set()  # the visitor may have left: nobody waits for the track any more

    def reslice(self, scored: ScoredTrack | None, window_seconds: float, overlap: float, top_k: float) -> Updates:
        """Follow a slider: headline and charts anew from the score track in the session."""
        if scored is None:
            return gr.skip(), gr.skip(), gr.skip()
        return self._charts(scored, _options(window_seconds, overlap, top_k))

    def take_away(self, scored: ScoredTrack | None, window_seconds: float, overlap: float, top_k: float) -> Updates:
        """Follow a result: the JSON on the screen and as a file."""
        if scored is None:
            return gr.skip(), gr.skip()
        result = self._classifier.slice(scored, _options(window_seconds, overlap, top_k))
        return to_json(result), str(view.save_json(result, self._downloads))

    def cancel(self, request: gr.Request) -> None:
        """Stop the visitor's analysis."""
        self._sessions.cancel(request.session_hash)

    def _charts(self, scored: ScoredTrack, options: SliceOptions) -> Updates:
        charts = view.draw(scored, options)
        return view.headline(self._classifier.slice(scored, options)), charts.bars, charts.timeline


def _options(window_seconds: float, overlap: float, top_k: float) -> SliceOptions:
    return SliceOptions.checked(window_seconds=window_seconds, overlap=overlap, top_k=int(top_k))


def _listening(status: str) -> Updates:
    """Show progress; results of a track before stay hidden until there are new ones."""
    return None, status, gr.update(visible=True), gr.update(visible=False), *[gr.skip()] * 3


def _waiting(status: str) -> Updates:
    """Show a sentence and nothing else."""
    return None, status, gr.update(visible=False), gr.update(visible=False), *[gr.skip()] * 3
