"""The heading of the folded settings, which names another model than the default and the sliders that were moved.

The browser keeps both for the next visit, and a link sets them: folded away, they would change the answer unseen.
"""

import json
from typing import Any, Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import title_of
from genre_app.ui.shared.sliders import SLIDERS

HEADING: Final = "Advanced"
_FOLLOW: Final = f"""(model, ...values) => {{
    const sliders = {json.dumps([(slider.changed, slider.default) for slider in SLIDERS])};
    const titles = __TITLES__;
    const others = model in titles ? [`model ${{titles[model]}}`] : [];
    const moved = sliders.flatMap(([words, usual], i) =>
        values[i] === usual ? [] : [words.replace("{{}}", Number(values[i].toFixed(2)))]);
    const changed = [...others, ...moved];
    const heading = {json.dumps(HEADING)};
    const label = changed.length ? `${{heading}} · changed: ${{changed.join(", ")}}` : heading;
    return {{ __type__: "update", label }};
}}"""


def connect(
    settings: gr.Accordion, pool: ModelPool, model: gr.Dropdown, controls: list[gr.Slider], *moved: Any
) -> None:
    """Let the heading follow the model and the sliders, in the browser.

    Parameters
    ----------
    settings : gradio.Accordion
        Its label is the heading.
    pool : ModelPool
        Names the models on offer, the default one first.
    model : gradio.Dropdown
        The model that answers.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.SLIDERS`.
    *moved : gradio.events.Dependency
        The ends of events in which the page sets the model or moves sliders. Their `change` would not do: what is
        folded is not built, and has no events.
    """
    _, *others = pool.offered()
    inputs: list[Any] = [model, *controls]
    follow = _FOLLOW.replace("__TITLES__", json.dumps({name: title_of(name) for name in others}))
    gr.on([each.input for each in inputs], None, inputs, settings, js=follow)
    for each in moved:
        each.then(None, inputs, settings, js=follow)
