"""The tab about the models."""

from typing import Final

from genre_app.shelf import ModelShelf

TAB: Final = "about"


def build(shelf: ModelShelf) -> None:
    """Lay out the tab."""
