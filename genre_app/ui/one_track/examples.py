"""The example recordings: a button for each, and scores computed ahead of the first click."""

import atexit
import html
import logging
import shutil
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

import gradio as gr

from genre_app.errors import GenreAppError
from genre_app.examples import EXAMPLES, Example
from genre_app.genres import stripes_of
from genre_app.inference.model_pool import ModelPool
from genre_app.ui.static import script

_log = logging.getLogger(__name__)

#: The page's start and its first visitor take precedence.
_HEAD_START_S: Final = 3.0
_LONGEST_STOP_S: Final = 5.0
_INTRODUCTION: Final = "### No recording at hand?\nTry one of these, made by a program for this app."


def build(pool: ModelPool, track: gr.Audio, folder: Path) -> None:
    """Lay out a card for each recording, to listen to and to analyse, and score the recordings in the background.

    Parameters
    ----------
    pool : ModelPool
        Provides the model that scores them.
    track : gradio.Audio
        Gets the recording of the button that is clicked.
    folder : Path
        Gets copies of the recordings: Gradio does not serve files from the installed package.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gr.set_static_paths([folder])  # else Gradio serves copies
    gr.Markdown(_INTRODUCTION, elem_id="examples-introduction")
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES:
            path = shutil.copyfile(example.path, folder / example.path.name)
            with gr.Row(elem_classes="example"):
                gr.HTML(_preview(example, path), padding=False, js_on_load=script("preview.js"))
                # The style sheet emphasises the first line.
                button = gr.Button(f"{example.title}\n{example.description}", size="sm", min_width=0)
            button.click(partial(str, path), None, track, show_progress="hidden", concurrency_limit=None)
    ExampleScores(pool).start()


def _preview(example: Example, path: Path) -> str:
    """Render a button, in the colours of the example's genres, that plays it without analysing it: HTML."""
    stripes = stripes_of(example.genres, direction="135deg")
    return (
        f"<button type='button' class='preview' style='--genres:{stripes}' aria-pressed='false' "
        f"data-recording='gradio_api/file={html.escape(quote(path.as_posix()))}' "
        f"aria-label='Listen to {html.escape(example.title)}'></button>"
    )


class ExampleScores:
    """Scores the examples with the default model in the background, so that a click is served from the cache.

    Parameters
    ----------
    pool : ModelPool
        Provides the model; nothing happens where its settings disable the cache.
    examples : sequence of Example
        What to score.
    head_start_s : float
        Seconds before the first example is scored.
    """

    def __init__(
        self, pool: ModelPool, examples: Sequence[Example] = EXAMPLES, *, head_start_s: float = _HEAD_START_S
    ) -> None:
        self._pool = pool
        self._examples = examples
        self._head_start_s = head_start_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._score_all, name="examples", daemon=True)

    def start(self) -> None:
        """Start in the background, and stop at the end of the process."""
        if self._pool.settings.cache_mb:
            self._thread.start()
            # A daemon thread that still computes while the interpreter shuts down would crash it.
            atexit.register(self.stop)

    @property
    def is_alive(self) -> bool:
        """Whether it is running, or waiting to start."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait until all examples are scored."""
        if self.is_alive:
            self._thread.join()

    def stop(self) -> None:
        """Stop, dropping the example in progress; waits 5 s at most."""
        self._stop.set()
        if self.is_alive:
            self._thread.join(_LONGEST_STOP_S)

    def _score_all(self) -> None:
        if self._stop.wait(self._head_start_s):
            return
        for example in self._examples:
            try:
                self._score(example.path)
            except Exception as error:  # noqa: BLE001 - scoring ahead is optional: it must not break the page
                if not self._stop.is_set():
                    _log.warning("The example %s was not scored ahead: %s", example.title, error)
                if not isinstance(error, GenreAppError) or self._stop.is_set():
                    return

    def _score(self, path: Path) -> None:
        with self._pool.acquire() as classifier:
            scored = classifier.score_file(path, cancel=self._stop, keep_excerpt=True)
            classifier.with_insights(scored, path, cancel=self._stop)
