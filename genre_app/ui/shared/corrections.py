"""A visitor's correction of an answer: kept in the browser by the recording's hash, and exported as a manifest.

The server keeps no corrections: one comes with the request for a download, and goes with it.
"""

import html
from typing import Final

import gradio as gr

from genre_app.genres import GENRES, display_name
from genre_app.ui.static import script

#: What it may be instead, in the words of a result, and as the page writes it.
_CHOICES: Final[dict[str, str]] = {
    **{genre: display_name(genre) for genre in GENRES},
    "other music": "Music, but none of these",
    "not music": "Not music",
}
#: Passes the correction of the result on the page as the second value.
WITH_CORRECTION: Final = (
    "(scored, correction, ...rest) => [scored, document.querySelector('#correction select')?.value ?? '', ...rest]"
)


def build() -> None:
    """Lay out the choice of what it is instead, and the export of all corrections."""
    options = "".join(f"<option value='{value}'>{html.escape(label)}</option>" for value, label in _CHOICES.items())
    gr.HTML(
        "<details><summary>Not right? Correct it</summary>"
        f"<label>This is <select><option value=''>as the app says</option>{options}</select></label>"
        "<p>Kept in this browser only. It goes into the JSON that you download.</p>"
        "<button type='button' class='export' hidden></button></details>",
        elem_id="correction",
        padding=False,
        js_on_load=script("correction.js"),
    )


def checked(correction: str | None) -> str | None:
    """Return a correction that came from a browser, or None if there is none or it says nothing known."""
    return correction if correction in _CHOICES else None
