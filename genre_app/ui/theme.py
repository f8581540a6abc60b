"""The page's theme: system fonts, quiet surfaces and one accent; strong colours are reserved for the genres."""

from typing import Final
from urllib.parse import quote

import gradio as gr

from genre_app.genres import GENRE_COLOURS, GENRES, stripes_of

TITLE: Final = "What genre is it?"
DESCRIPTION: Final = "Drop a recording and see what it sounds like, and how that changes from minute to minute."

_FONTS: Final = ("system-ui", "sans-serif")
_MONO: Final = ("ui-monospace", "monospace")
#: Genres of the icon's bars, with where each ends, in 32nds of its height.
_ICON: Final = {"blues": 22, "reggae": 27, "disco": 31, "rock": 25, "classical": 20}
#: Ink blue; shades from 600 have a contrast of 4.5:1 on white, shades up to 400 on the dark page.
_INK: Final = gr.themes.Color(
    name="ink",
    c50="#f1f3fb",
    c100="#e3e7f7",
    c200="#c8d0ef",
    c300="#a9b6e6",
    c400="#8a9bdd",
    c500="#5b70c9",
    c600="#4055b0",
    c700="#33458f",
    c800="#283771",
    c900="#1f2b57",
    c950="#151d3b",
)


def theme() -> gr.themes.Base:
    """Return Gradio's base theme in the app's colours; text has a contrast of at least 4.5:1 in both modes."""
    return gr.themes.Base(
        primary_hue=_INK,
        secondary_hue=_INK,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=_FONTS,
        font_mono=_MONO,
    ).set(
        body_background_fill="#f7f8fb",
        body_background_fill_dark="#12151c",
        body_text_color="*neutral_800",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1a1e27",
        background_fill_secondary="#f7f8fb",
        background_fill_secondary_dark="#12151c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1a1e27",
        block_border_color="*neutral_200",
        block_border_color_dark="#2c3240",
        block_border_width="1px",
        block_shadow="none",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_300",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        border_color_primary="*neutral_200",
        border_color_primary_dark="#2c3240",
        input_background_fill="#ffffff",
        input_background_fill_dark="#12151c",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
        color_accent="*primary_600",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_400",
        button_primary_background_fill_hover_dark="*primary_300",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="*primary_950",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_hover="*primary_50",
        button_secondary_background_fill_dark="#232937",
        button_secondary_background_fill_hover_dark="#2c3446",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="#3a4254",
        button_border_width="1px",
        button_transform_hover="none",
        button_transform_active="none",
    )


def icon() -> str:
    """Return the page's icon, bars in five of the genres' colours, as the address of an SVG picture."""
    bars = "".join(
        f"<rect x='{6 * i + 2}' y='{32 - end}' width='4' height='{2 * end - 32}' rx='2' fill='{GENRE_COLOURS[genre]}'/>"
        for i, (genre, end) in enumerate(_ICON.items())
    )
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>{bars}</svg>"
    return f"data:image/svg+xml,{quote(picture)}"


def header() -> str:
    """Render the page's title below a band of the ten genres' colours: HTML."""
    stripes = stripes_of(GENRES, direction="to right")
    return f"<header class='masthead' style='--genres:{stripes}'><h1>{TITLE}</h1><p>{DESCRIPTION}</p></header>"
