"""The example recordings: a button for each, and their scores before anybody asks."""

import atexit
import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.errors import GenreAppError
from genre_app.examples import EXAMPLES, Example
from genre_app.inference.model_pool import ModelPool

_log = logging.getLogger(__name__)

#: The page's start and its first visitor come first.
_HEAD_START_S: Final = 3.0
_LONGEST_STOP_S: Final = 5.0
_INTRODUCTION: Final = "No recording at hand? Try one of these, made by a program for this app:"


def build(pool: ModelPool, track: gr.Audio, folder: Path) -> None:
    """Lay out the buttons, each of which puts its recording into the box, and have the recordings heard ahead.

    Parameters
    ----------
    pool : ModelPool
        Lends the model that hears them.
    track : gradio.Audio
        The box.
    folder : Path
        Where the page may take files from, unlike the folder that the package is installed in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gr.Markdown(_INTRODUCTION, elem_id="examples-introduction")
    with gr.Row(elem_id="examples"):
        for example in EXAMPLES:
            # The style sheet sets the first line apart from the others.
            button = gr.Button(f"{example.title}\n{example.description}", size="sm", min_width=140)
            button.click(_opener(example, folder), None, track, show_progress="hidden", concurrency_limit=None)
    ExampleScores(pool).start()


def _opener(example: Example, folder: Path) -> Callable[[], str]:
    path = str(shutil.copyfile(example.path, folder / example.path.name))
    return lambda: path


class ExampleScores:
    """Has the first choice of models hear the examples in the background, so that a click is answered from the cache.

    Parameters
    ----------
    pool : ModelPool
        Lends the model; nothing happens where its settings keep no results.
    examples : sequence of Example
        What is to be heard.
    head_start_s : float
        How long the page has the machine to itself first.
    """

    def __init__(
        self, pool: ModelPool, examples: Sequence[Example] = EXAMPLES, *, head_start_s: float = _HEAD_START_S
    ) -> None:
        self._pool = pool
        self._examples = examples
        self._head_start_s = head_start_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="examples", daemon=True)

    def start(self) -> None:
        """Begin in the background, and stop at the end of the process."""
        if self._pool.settings.cache_mb:
            self._thread.start()
            # A daemon that still computes while the interpreter is torn down would crash it.
            atexit.register(self.stop)

    @property
    def is_alive(self) -> bool:
        """Whether it is still at work, or waiting to begin."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait until all is heard."""
        if self.is_alive:
            self._thread.join()

    def stop(self) -> None:
        """Stop soon; what is under way is given up."""
        self._stop.set()
        if self.is_alive:
            self._thread.join(_LONGEST_STOP_S)

    def _listen(self) -> None:
        if self._stop.wait(self._head_start_s):
            return
        for example in self._examples:
            try:
                self._hear(example.path)
            except Exception as error:  # noqa: BLE001 - nobody waits for this: it must not end anything else
                if not self._stop.is_set():
                    _log.warning("The example %s was not scored ahead: %s", example.title, error)
                if not isinstance(error, GenreAppError) or self._stop.is_set():
                    return

    def _hear(self, path: Path) -> None:
        with self._pool.acquire() as classifier:
            scored = classifier.score_file(path, cancel=self._stop)
            classifier.with_insights(scored, path, cancel=self._stop)
