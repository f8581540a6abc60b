"""The choice of the model that answers."""

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import availability, entry_of
from genre_app.settings import Settings


def model_picker(page: gr.Blocks, pool: ModelPool, *, label: str = "Model", elem_id: str = "model") -> gr.Dropdown:
    """Offer the models of this installation, the first choice chosen.

    Parameters
    ----------
    page : gradio.Blocks
        Each visit asks anew what has been downloaded.
    pool : ModelPool
        Names the models.
    label : str
        Written above it.
    elem_id : str
        For scripts and tests.
    """
    picker = gr.Dropdown(
        choices(pool),
        value=pool.default.model.name,
        label=label,
        info="Who listens and answers; the tab About says how far to trust each.",
        elem_id=elem_id,
    )
    page.load(lambda: gr.update(choices=choices(pool)), None, picker, show_progress="hidden", concurrency_limit=None)
    return picker


def choices(pool: ModelPool) -> list[tuple[str, str]]:
    """List the models as they are shown, and their names."""
    return [(_shown(name, pool.settings), name) for name in pool.offered()]


def _shown(name: str, settings: Settings) -> str:
    entry = entry_of(name)
    if entry is None:
        return name
    return f"{entry.title} (not downloaded)" if availability(entry, settings) == "not downloaded" else entry.title
