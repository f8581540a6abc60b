"""The public endpoints, with names, types and descriptions, for gradio_client and as MCP tools."""

from pathlib import Path
from typing import Any, Final

import gradio as gr

from genre_app.errors import GenreAppError
from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import availability, catalogue
from genre_app.results.build import build_result
from genre_app.ui.gate.presence import ClientLeft
from genre_app.ui.shared.events import EVENTS_AT_ONCE
from genre_app.ui.shared.sliders import options_of
from genre_app.ui.shared.visits import Visits

#: What programs may call.
ENDPOINTS: Final = frozenset({"classify", "models"})


def publish(pool: ModelPool, visits: Visits) -> None:
    """Add the endpoints ``/classify`` and ``/models`` to the page that is being laid out.

    Parameters
    ----------
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the files that are sent.
    """
    default = pool.default.model.name

    # Gradio publishes names, descriptions and "Args:" of these two as the API's documentation.
    def classify(  # noqa: PLR0913, PLR0917 - the endpoint's arguments
        track: str,
        window_seconds: float = 30.0,
        overlap: float = 0.25,
        top_k: int = 5,
        smoothing_seconds: float = 0.0,
        model: str = default,
        facts: bool = True,  # noqa: FBT001, FBT002 - Gradio's signature
    ) -> dict[str, Any]:
        """Name the genre of a recording, for the whole of it and window by window.

        Args:
            track: An audio file, or a video with sound: an upload, or data:audio/mpeg;base64,… from language models
            window_seconds: Length of the windows, 1 to 600 seconds
            overlap: Share of a window that the next one repeats, 0 to 0.9
            top_k: How many genres each list of scores holds
            smoothing_seconds: Evens out changes that are quicker than this, 0 to 60 seconds; 0 is off
            model: Name of the model that answers; the endpoint models lists them
            facts: Whether tempo, key and chords are wanted too
        """
        if not track:
            raise gr.Error("There is no recording; please send one.", print_exception=False)
        client_left = ClientLeft()
        try:
            options = options_of(window_seconds, overlap, top_k, smoothing_seconds)
            with visits.holding(Path(track)), pool.acquire(model) as classifier:
                scored = classifier.score_file(track, options, cancel=client_left, keep_excerpt=facts)
                if facts:
                    scored = classifier.with_insights(scored, track, cancel=client_left)
        except GenreAppError as error:
            raise gr.Error(error.about(Path(track).name), print_exception=False) from error
        result: dict[str, Any] = build_result(scored, options).model_dump(mode="json")
        return result

    def models() -> list[dict[str, Any]]:
        """List the models that can be asked for, the default first, with accuracy, limits and licence."""
        listed = sorted(catalogue(), key=lambda entry: entry.name != default)
        return [
            {
                "name": entry.name,
                "title": entry.title,
                "labels": entry.labels,
                "accuracy": entry.accuracy,
                "limits": entry.limits,
                "licence": entry.licence,
                "availability": availability(entry, pool.settings),
            }
            for entry in listed
        ]

    inputs = [
        gr.Audio(type="filepath", format=None, visible=False, label="track"),
        gr.Number(30.0, visible=False, label="window_seconds"),
        gr.Number(0.25, visible=False, label="overlap"),
        gr.Number(5, precision=0, visible=False, label="top_k"),
        gr.Number(0.0, visible=False, label="smoothing_seconds"),
        gr.Textbox(default, visible=False, label="model"),
        gr.Checkbox(value=True, visible=False, label="facts"),
    ]
    ask = gr.Button(visible=False)
    ask.click(
        classify,
        inputs,
        gr.JSON(visible=False, label="result"),
        api_name="classify",
        concurrency_limit=EVENTS_AT_ONCE,
    )
    ask.click(models, None, gr.JSON(visible=False, label="models"), api_name="models", concurrency_limit=None)


def hide_the_rest(page: gr.Blocks) -> None:
    """Hide the events of the page's own components from the API: Gradio publishes every event by default."""
    for event in page.fns.values():
        if event.api_name not in ENDPOINTS:
            event.api_visibility = "private"
