"""The sliders: how a track is cut and summed up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import gradio as gr

from genre_app.errors import InvalidOptionError
from genre_app.results.schema import SliceOptions
from genre_app.ui.static import script


@dataclass(frozen=True, slots=True)
class SliderRange:
    """A slider of the page.

    Attributes
    ----------
    elem_id : str
        For scripts and tests.
    minimum, maximum, step, default : float
        Where it can stand, and where it stands at first.
    label : str
        Written above it.
    info : str
        What it does, for somebody who has never heard of it.
    """

    elem_id: str
    minimum: float
    maximum: float
    step: float
    default: float
    label: str
    info: str


#: In the order in which `options_of` takes their values.
SLIDERS: Final = (
    SliderRange(
        "window",
        3,
        60,
        1,
        30,
        "Window (seconds)",
        "How much music each point of the timeline stands for; further right, short passages count less.",
    ),
    SliderRange(
        "overlap",
        0,
        0.9,
        0.05,
        0.25,
        "Overlap",
        "How much of a window the next one hears again; further right, the timeline has more points.",
    ),
    SliderRange(
        "top-k",
        1,
        10,
        1,
        5,
        "Top genres",
        "How many genres are named; the others are summed up.",
    ),
    SliderRange(
        "smoothing",
        0,
        30,
        1,
        0,
        "Smoothing (seconds)",
        "Evens out brief changes; further right, only lasting ones are left.",
    ),
)


def sliders(page: gr.Blocks) -> list[gr.Slider]:
    """Make the sliders of a page, in the order in which `options_of` takes their values."""
    page.load(None, None, None, js=script("typed_number.js"))
    return list(_made())


def _made() -> Iterator[gr.Slider]:
    for slider in SLIDERS:
        yield gr.Slider(
            slider.minimum,
            slider.maximum,
            value=slider.default,
            step=slider.step,
            label=slider.label,
            info=slider.info,
            elem_id=slider.elem_id,
            buttons=[],  # one button puts all of them back
        )


def options_of(window_seconds: float, overlap: float, top_k: float, smoothing_seconds: float) -> SliceOptions:
    """Turn the sliders' values into options.

    Raises
    ------
    InvalidOptionError
        A program sent what no slider can be set to.
    """
    return SliceOptions.checked(
        window_seconds=window_seconds, overlap=overlap, top_k=top_k, smoothing_seconds=smoothing_seconds
    )


def values_of(options: SliceOptions) -> tuple[float, float, float, float]:
    """Return where the sliders stand for these options: the inverse of `options_of`.

    Raises
    ------
    InvalidOptionError
        A value is beyond the ends of its slider.
    """
    values = options.window_seconds, options.overlap, float(options.top_k), options.smoothing_seconds
    for slider, value in zip(SLIDERS, values, strict=True):
        if not slider.minimum <= value <= slider.maximum:
            raise InvalidOptionError(
                f"The slider “{slider.label}” goes from {slider.minimum:g} to {slider.maximum:g}, not to {value:g}."
            )
    return values
