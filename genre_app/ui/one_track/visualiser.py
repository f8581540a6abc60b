"""The visualiser of a result: the button that opens it, and the data that it gets, as ``docs/visualiser.md`` says."""

from typing import Any, Final

import gradio as gr

from genre_app.genres import display_name
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.schema import ClassificationResult
from genre_app.results.window_plan import fits
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.sliders import options_of

#: In the order in which they are run: each uses those before it.
SCRIPTS: Final = ("visualiser_mapping.js", "visualiser_scene.js", "visualiser_sound.js", "visualiser.js")
#: What of a result is seen.
_FIELDS: Final[dict[str, Any]] = {
    "palette": True,
    "timeline": True,
    "facts": {"tempo_bpm"},
    "metadata": {"track_name", "duration_seconds"},
}


def build(scored: gr.State, controls: list[gr.Slider]) -> None:
    """Lay out the button and connect it.

    Parameters
    ----------
    scored : gradio.State
        The visitor's `TrackAnalysis`, or None.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.sliders`.
    """
    button = gr.Button("Visualiser", elem_id="open-visualiser", size="md", min_width=130)
    data = gr.JSON(visible=False)
    # The screen opens with the click itself, which alone may fill it and reach the sound; the data follow.
    opened = button.click(
        _data,
        [scored, *controls],
        data,
        js="(...values) => { window.genreVisualiser.open(); return values; }",
        show_progress="hidden",
        concurrency_limit=EVENTS_AT_ONCE,
    )
    opened.success(None, data, None, js="(data) => { window.genreVisualiser.show(data); }")


def visualiser_data(result: ClassificationResult) -> dict[str, Any]:
    """Return what the visualiser needs of a result: fields of its JSON, and the names of genres for people."""
    shown: dict[str, Any] = result.model_dump(mode="json", include=_FIELDS)
    return {**shown, "names": {entry.genre: display_name(entry.genre) for entry in result.timeline}}


def _data(scored: TrackAnalysis | None, *sliders: float) -> dict[str, Any] | None:
    options = options_of(*sliders)
    if scored is None or not fits(scored.track, options):
        return None
    return visualiser_data(build_result(scored, options))
