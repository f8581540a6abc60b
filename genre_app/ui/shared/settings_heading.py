"""The heading of the folded settings, which names the sliders that are not where they are at first.

The browser keeps the sliders for the next visit, and a link sets them: folded away, they would change charts unseen.
"""

import json
from typing import Any, Final

import gradio as gr

from genre_app.ui.shared.sliders import SLIDERS

HEADING: Final = "Advanced"
_FOLLOW: Final = f"""(...values) => {{
    const sliders = {json.dumps([(slider.changed, slider.default) for slider in SLIDERS])};
    const changed = sliders.flatMap(([words, usual], i) =>
        values[i] === usual ? [] : [words.replace("{{}}", Number(values[i].toFixed(2)))]);
    const heading = {json.dumps(HEADING)};
    const label = changed.length ? `${{heading}} · changed: ${{changed.join(", ")}}` : heading;
    return {{ __type__: "update", label }};
}}"""


def connect(settings: gr.Accordion, controls: list[gr.Slider], *moved: Any) -> None:
    """Let the heading follow the sliders, in the browser.

    Parameters
    ----------
    settings : gradio.Accordion
        Its label is the heading.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.SLIDERS`.
    *moved : gradio.events.Dependency
        The ends of events in which the page moves sliders. Their `change` would not do: what is folded is not built,
        and has no events.
    """
    gr.on([slider.input for slider in controls], None, controls, settings, js=_FOLLOW)
    for each in moved:
        each.then(None, controls, settings, js=_FOLLOW)
