"""The tab for many tracks."""

from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.shelf import ModelShelf
from genre_app.ui.one_track import OneTrack

TAB: Final = "many"


def build(page: gr.Blocks, shelf: ModelShelf, downloads: Path, tabs: gr.Tabs, one: OneTrack) -> None:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its unload event.
    shelf : ModelShelf
        Lends the model.
    downloads : Path
        Where each visitor gets a folder for what is taken away.
    tabs : gradio.Tabs
        To bring the first tab to the front.
    one : OneTrack
        The tab that shows a row in full.
    """
