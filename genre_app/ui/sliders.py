"""The sliders: how a track is cut and summed up."""

import gradio as gr

from genre_app.schema import SliceOptions


def sliders() -> list[gr.Slider]:
    """Make the sliders in the order in which `options_of` takes their values."""
    window = gr.Slider(
        3,
        60,
        value=30,
        step=1,
        label="Window (seconds)",
        info="How much music each answer listens to.",
        elem_id="window",
    )
    overlap = gr.Slider(
        0, 0.9, value=0.25, step=0.05, label="Overlap", info="How much neighbouring windows share.", elem_id="overlap"
    )
    top_k = gr.Slider(1, 10, value=5, step=1, label="Top genres", info="How many genres are listed.", elem_id="top-k")
    smoothing = gr.Slider(
        0, 30, value=0, step=1, label="Smoothing (seconds)", info="Evens out quick changes.", elem_id="smoothing"
    )
    return [window, overlap, top_k, smoothing]


def options_of(window_seconds: float, overlap: float, top_k: float, smoothing_seconds: float) -> SliceOptions:
    """Turn the sliders' values into options.

    Raises
    ------
    InvalidOptionError
        A program sent what no slider can be set to.
    """
    return SliceOptions.checked(
        window_seconds=window_seconds, overlap=overlap, top_k=int(top_k), smoothing_seconds=smoothing_seconds
    )
