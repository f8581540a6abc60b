"""The dropdown that chooses the model."""

from typing import Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import availability, entry_of
from genre_app.settings import Settings

_INFO: Final = "Who listens and answers; the tab About says how far to trust each."


def model_picker(
    page: gr.Blocks, pool: ModelPool, *, label: str = "Model", elem_id: str = "model", info: str | None = _INFO
) -> gr.Dropdown:
    """Lay out a dropdown of this installation's models, with the default model chosen.

    Parameters
    ----------
    page : gradio.Blocks
        Refreshes the list on each load: models may have been downloaded.
    pool : ModelPool
        Names the models.
    label : str
        Text above it.
    elem_id : str
        For scripts and tests.
    info : str, optional
        Text below the label.
    """
    picker = gr.Dropdown(
        choices(pool),
        value=pool.default.model.name,
        label=label,
        info=info,
        elem_id=elem_id,
    )
    page.load(lambda: gr.update(choices=choices(pool)), None, picker, show_progress="hidden", concurrency_limit=None)
    return picker


def choices(pool: ModelPool) -> list[tuple[str, str]]:
    """List each model's label in the dropdown and its name."""
    return [(_label(name, pool.settings), name) for name in pool.offered()]


def _label(name: str, settings: Settings) -> str:
    entry = entry_of(name)
    if entry is None:
        return name
    return f"{entry.title} (not downloaded)" if availability(entry, settings) == "not downloaded" else entry.title
