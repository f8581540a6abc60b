"""What a visitor's browser keeps for the next visit: the sliders and the model.

It stays in the browser (``localStorage``) and is put back by a script when the page opens, before anything can be
dropped into it and without a way over the server. Gradio draws the defaults first: the style sheet hides the sliders
for these few frames, until the script has marked the page as ``recalled``. The browser's storage is not trusted: a
value that no slider can have, or a model that is not offered any more, falls back to the default, one by one.
"""

import json
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.ui.shared.sliders import SLIDERS

#: Fixed, so that a restart or a new version of the app finds them again.
SLIDERS_KEY: Final = "genre-app:sliders"
MODEL_KEY: Final = "genre-app:model"

# Browsers that keep nothing (private windows, blocked cookies) throw: the page then works without a memory.
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


def connect(page: gr.Blocks, pool: ModelPool, controls: list[gr.Slider], model: gr.Dropdown, reset: gr.Button) -> Any:
    """Make the browser remember the sliders and the model.

    Only what the visitor moves is kept (``input``): what the page sets by itself, as from a link, is not.

    Parameters
    ----------
    page : gradio.Blocks
        For its load event.
    pool : ModelPool
        Says which models are offered.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.SLIDERS`.
    model : gradio.Dropdown
        The model that answers.
    reset : gradio.Button
        Puts all sliders back, and forgets them.

    Returns
    -------
    gradio.events.Dependency
        The recall, for what has to come after it.
    """
    models = pool.offered()
    gr.on([slider.input for slider in controls], None, controls, None, js=_script(_KEEP_SLIDERS, models))
    model.input(None, model, None, js=_script(_KEEP_MODEL, models))
    reset.click(None, None, controls, js=_script(_RESET, models))
    return page.load(None, None, [*controls, model], js=_script(_RECALL, models))


def _script(text: str, models: tuple[str, ...]) -> str:
    """Fill in the constants of a script."""
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
