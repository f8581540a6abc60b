"""Serve the page."""

from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.service import GenreClassifier
from genre_app.ui.page import build_page

_CSS: Final = Path(__file__).with_name("page.css")
_SYSTEM_FONTS: Final = ("system-ui", "sans-serif")


def launch(classifier: GenreClassifier, *, port: int | None = None, block: bool = True) -> str:
    """Serve the page until the process ends, or, without blocking, return at once.

    Parameters
    ----------
    classifier : GenreClassifier
        Answers all visitors.
    port : int, optional
        By default ``GRADIO_SERVER_PORT``, or 7860.
    block : bool
        Whether to wait for the end of the server.

    Returns
    -------
    str
        The page's address on this machine.
    """
    page = build_page(classifier)
    page.queue(max_size=256)
    _, address, _ = page.launch(
        server_port=port,
        prevent_thread_lock=not block,
        max_file_size=f"{classifier.settings.max_file_mb}mb",
        theme=gr.themes.Default(font=_SYSTEM_FONTS, font_mono=("ui-monospace", "monospace")),
        css_paths=_CSS,
        ssr_mode=False,
        quiet=not block,
    )
    return address
