"""Serve the page."""

from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.shelf import ModelShelf
from genre_app.ui.page import build_page

_CSS: Final = Path(__file__).with_name("page.css")
_UPLOAD_SCRIPT: Final = Path(__file__).with_name("upload.js")
_PLAYER_SCRIPT: Final = Path(__file__).with_name("player.js")
_SYSTEM_FONTS: Final = ("system-ui", "sans-serif")
#: Gradio's own are too pale to read.
_DIM: Final = "*neutral_600"
_DIM_ON_DARK: Final = "*neutral_300"


def launch(shelf: ModelShelf, *, port: int | None = None, block: bool = True) -> str:
    """Serve the page until the process ends, or, without blocking, return at once.

    Parameters
    ----------
    shelf : ModelShelf
        Lends the models to all visitors.
    port : int, optional
        By default ``GRADIO_SERVER_PORT``, or 7860.
    block : bool
        Whether to wait for the end of the server.

    Returns
    -------
    str
        The page's address on this machine.
    """
    page = build_page(shelf)
    page.queue(max_size=256)
    _, address, _ = page.launch(
        server_port=port,
        prevent_thread_lock=not block,
        max_file_size=f"{shelf.settings.max_file_mb}mb",
        theme=_theme(),
        css_paths=_CSS,
        head=_head(),
        footer_links=["api", "settings"],
        run_history=False,
        ssr_mode=False,
        quiet=not block,
    )
    return address


def _theme() -> gr.themes.Base:
    return gr.themes.Default(font=_SYSTEM_FONTS, font_mono=("ui-monospace", "monospace")).set(
        body_text_color_subdued=_DIM,
        body_text_color_subdued_dark=_DIM_ON_DARK,
        block_label_text_color=_DIM,
        block_title_text_color=_DIM,
    )


def _head() -> str:
    script = _UPLOAD_SCRIPT.read_text(encoding="utf-8").replace("__EXTENSIONS__", ",".join(SUPPORTED_EXTENSIONS))
    return f"<script>{script}</script><script>{_PLAYER_SCRIPT.read_text(encoding='utf-8')}</script>"
