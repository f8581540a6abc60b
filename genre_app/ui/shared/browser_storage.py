"""The sliders and the model, kept in the visitor's browser for the next visit.

They are kept in ``localStorage`` and restored by a script when the page opens, before a track can be dropped and
without a round trip to the server. Gradio draws the defaults first, so the style sheet hides the sliders for a few
frames, until the script marks the page as ``recalled``. The storage is not trusted: each value out of its slider's
range, and a model that is no longer offered, falls back to its default.
"""

import json
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.ui.shared.sliders import SLIDERS

#: Fixed across restarts and versions of the app.
SLIDERS_KEY: Final = "genre-app:sliders"
MODEL_KEY: Final = "genre-app:model"

# localStorage throws where storage is blocked (private windows, blocked cookies): the page then works without it.
_RECALL: Final = """() => {
    const recall = (key) => {
        try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    };
    const kept = recall(__SLIDERS_KEY__) ?? {};
    const values = __RANGES__.map(([name, least, most, usual]) => {
        const value = kept[name];
        return typeof value === "number" && value >= least && value <= most ? value : usual;
    });
    const model = recall(__MODEL_KEY__);
    const show = () => document.documentElement.classList.add("recalled");
    setTimeout(() => requestAnimationFrame(show)); // once the values are drawn
    return [...values, __MODELS__.includes(model) ? model : __MODELS__[0]];
}"""
_KEEP_SLIDERS: Final = """(...values) => {
    const kept = Object.fromEntries(__RANGES__.map(([name], i) => [name, values[i]]));
    try { localStorage.setItem(__SLIDERS_KEY__, JSON.stringify(kept)); } catch {}
    return [];
}"""
_KEEP_MODEL: Final = """(model) => {
    try { localStorage.setItem(__MODEL_KEY__, JSON.stringify(model)); } catch {}
    return [];
}"""
_RESET: Final = """() => {
    try { localStorage.removeItem(__SLIDERS_KEY__); } catch {}
    return __RANGES__.map(([name, least, most, usual]) => usual);
}"""


def connect(
    page: gr.Blocks, pool: ModelPool, controls: list[gr.Slider], model: gr.Dropdown, reset: gr.Button
) -> tuple[Any, Any]:
    """Store the sliders and the model in the browser, and restore them when the page opens.

    Only values that the visitor sets (``input``) are stored; values that the page sets, as from a link, are not.

    Parameters
    ----------
    page : gradio.Blocks
        For its load event.
    pool : ModelPool
        Names the models on offer.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.SLIDERS`.
    model : gradio.Dropdown
        The model that answers.
    reset : gradio.Button
        Resets all sliders and removes them from the storage.

    Returns
    -------
    restored, reset : gradio.events.Dependency
        The ends of restoring and of resetting, for events that must follow them.
    """
    models = pool.offered()
    gr.on([slider.input for slider in controls], None, controls, None, js=_script(_KEEP_SLIDERS, models))
    model.input(None, model, None, js=_script(_KEEP_MODEL, models))
    has_reset = reset.click(None, None, controls, js=_script(_RESET, models))
    return page.load(None, None, [*controls, model], js=recall_script(models)), has_reset


def recall_script(models: tuple[str, ...]) -> str:
    """Return the script that reads what is kept of the sliders and the model, with defaults in place of nonsense."""
    return _script(_RECALL, models)


def keep_after(moved: Any, pool: ModelPool, controls: list[gr.Slider]) -> None:
    """Store the sliders after an event in which the visitor set them by other means."""
    moved.then(None, controls, None, js=_script(_KEEP_SLIDERS, pool.offered()))


def _script(text: str, models: tuple[str, ...]) -> str:
    """Fill a script's constants in, as JSON."""
    ranges = [(slider.elem_id, slider.minimum, slider.maximum, slider.default) for slider in SLIDERS]
    constants = {
        "__SLIDERS_KEY__": SLIDERS_KEY,
        "__MODEL_KEY__": MODEL_KEY,
        "__RANGES__": ranges,
        "__MODELS__": models,
    }
    for name, value in constants.items():
        text = text.replace(name, json.dumps(value))
    return text
