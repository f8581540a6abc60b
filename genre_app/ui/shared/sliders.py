"""The sliders: window, overlap, top-k and smoothing."""

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
        Its range, step and initial value.
    label : str
        Text above it.
    info : str
        What it does, for a first-time visitor.
    changed : str
        Names a value in a few words, in the place of the brackets.
    """

    elem_id: str
    minimum: float
    maximum: float
    step: float
    default: float
    label: str
    info: str
    changed: str


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
        "window {} s",
    ),
    SliderRange(
        "overlap",
        0,
        0.9,
        0.05,
        0.25,
        "Overlap",
        "How much of a window the next one hears again; further right, the timeline has more points.",
        "overlap {}",
    ),
    SliderRange(
        "top-k",
        1,
        10,
        1,
        5,
        "Top results",
        "How many of the likeliest are named; the others are summed up.",
        "top {}",
    ),
    SliderRange(
        "smoothing",
        0,
        30,
        1,
        0,
        "Smoothing (seconds)",
        "Evens out brief changes; further right, only lasting ones are left.",
        "smoothing {} s",
    ),
)


def sliders(page: gr.Blocks) -> list[gr.Slider]:
    """Create the sliders of a page, in the order in which `options_of` takes their values."""
    page.load(None, None, None, js=script("typed_number.js"))
    return list(_create())


def _create() -> Iterator[gr.Slider]:
    for slider in SLIDERS:
        yield gr.Slider(
            slider.minimum,
            slider.maximum,
            value=slider.default,
            step=slider.step,
            label=slider.label,
            info=slider.info,
            elem_id=slider.elem_id,
            buttons=[],  # one button resets all of them
        )


def options_of(window_seconds: float, overlap: float, top_k: float, smoothing_seconds: float) -> SliceOptions:
    """Turn the sliders' values into options.

    Raises
    ------
    InvalidOptionError
        A value is out of range, which only a program can send.
    """
    return SliceOptions.checked(
        window_seconds=window_seconds, overlap=overlap, top_k=top_k, smoothing_seconds=smoothing_seconds
    )


def values_of(options: SliceOptions) -> tuple[float, float, float, float]:
    """Return the sliders' values for these options: the inverse of `options_of`.

    Raises
    ------
    InvalidOptionError
        A value is outside its slider's range.
    """
    values = options.window_seconds, options.overlap, float(options.top_k), options.smoothing_seconds
    for slider, value in zip(SLIDERS, values, strict=True):
        if not slider.minimum <= value <= slider.maximum:
            raise InvalidOptionError(
                f"The slider “{slider.label}” goes from {slider.minimum:g} to {slider.maximum:g}, not to {value:g}."
            )
    return values
