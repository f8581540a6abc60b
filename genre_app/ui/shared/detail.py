"""The quiet control: one slider from coarse to fine that moves window and overlap together."""

import json
from typing import Any, Final

import gradio as gr

#: Window in seconds and overlap of each step, from coarse to fine; the middle one has the sliders' defaults.
STEPS: Final = ((60.0, 0.0), (45.0, 0.25), (30.0, 0.25), (12.0, 0.5), (5.0, 0.5))
_DEFAULT_STEP: Final = 3

_MOVE: Final = f"(step) => {json.dumps(STEPS)}[step - 1]"
#: The step whose window is nearest, by its ratio.
_FOLLOW: Final = f"""(window_s) => {{
    const distances = {json.dumps(STEPS)}.map(
        ([step_s]) => Math.abs(Math.log(window_s / step_s))
    );
    return distances.indexOf(Math.min(...distances)) + 1;
}}"""


def detail_slider() -> gr.Slider:
    """Create the slider; its steps are counted from 1."""
    return gr.Slider(
        1,
        len(STEPS),
        value=_DEFAULT_STEP,
        step=1,
        label="Detail, from coarse to fine",
        elem_id="detail",
        buttons=[],
    )


def connect(detail: gr.Slider, window: gr.Slider, overlap: gr.Slider) -> Any:
    """Let the slider move window and overlap, and follow the window to the nearest step; both in the browser.

    Returns
    -------
    gradio.events.Dependency
        The end of a move, for what must follow it.
    """
    window.change(None, window, detail, js=_FOLLOW)
    return detail.input(None, detail, [window, overlap], js=_MOVE)
