"""The tab that shows one track under two models."""

from typing import Final

import gradio as gr

from genre_app.shelf import ModelShelf

TAB: Final = "compare"


def build(page: gr.Blocks, shelf: ModelShelf) -> None:
    """Lay out the tab."""
