"""The tab for many tracks."""

import html
from typing import Any, Final

import gradio as gr

from genre_app.audio import SUPPORTED_EXTENSIONS
from genre_app.inference.model_pool import ModelPool
from genre_app.settings import Settings
from genre_app.ui.many_tracks.events import ManyTracksEvents
from genre_app.ui.many_tracks.messages import MAX_TRACKS
from genre_app.ui.many_tracks.table import TEMPLATE, summary, table
from genre_app.ui.one_track.tab import OneTrack
from genre_app.ui.shared import view
from genre_app.ui.shared.model_picker import model_picker
from genre_app.ui.shared.visits import Visits
from genre_app.ui.static import script

TAB: Final = "many"
_QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "concurrency_limit": None}
_AT_ONCE: Final[dict[str, Any]] = {"show_progress": "hidden", "queue": False, "trigger_mode": "multiple"}


def build(page: gr.Blocks, pool: ModelPool, visits: Visits, tabs: gr.Tabs, one: OneTrack) -> None:
    """Lay out the tab.

    Parameters
    ----------
    page : gradio.Blocks
        For its unload event.
    pool : ModelPool
        Provides the models.
    visits : Visits
        Owns the visitors' files.
    tabs : gradio.Tabs
        Selects the first tab when a row is opened.
    one : OneTrack
        The tab that shows a row in full.
    """
    events = ManyTracksEvents(pool, visits)
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            box = gr.HTML(
                _box(pool.settings),
                js_on_load=script("many_box.js"),
                apply_default_css=False,
                elem_id="many-box",
            )
            model = model_picker(page, pool, label="Model for the files that you add next", elem_id="many-model")
        with gr.Column(scale=2, min_width=320):
            line = gr.HTML(summary(()), apply_default_css=False, elem_id="many-status")
            with gr.Row(visible=False, elem_id="many-buttons") as buttons:
                cancel = gr.Button("Cancel", elem_id="many-cancel", size="md", min_width=70)
                clear = gr.Button("Clear", elem_id="many-clear", size="md", min_width=70)
                zip_button = gr.Button("Download ZIP", elem_id="many-zip", size="md", min_width=130)
            note = gr.HTML(view.note(""), elem_id="many-note")
            rows = gr.HTML(
                table(()),
                html_template=TEMPLATE,
                js_on_load=script("track_table.js"),
                apply_default_css=False,
                elem_id="many-table",
            )
    archive = gr.File(visible=False)

    shown = [line, rows, cancel, zip_button, buttons]
    follow: dict[str, Any] = {"fn": events.follow, "outputs": shown, **_QUIET, "trigger_mode": "multiple"}
    box.submit(events.announce, model, **_AT_ONCE).then(**follow)
    box.upload(events.arrive, **_AT_ONCE)
    cancel.click(events.cancel, outputs=note, **_AT_ONCE).then(**follow)
    clear.click(events.clear, outputs=note, **_AT_ONCE).then(**follow)
    rows.select(events.open, outputs=[one.track, one.model, tabs], **_QUIET)
    # The click writes the ZIP; the browser then saves it.
    zip_button.click(events.write_zip, outputs=[note, archive, cancel], **_QUIET).then(
        None, archive, js=script("save_file.js")
    )
    page.unload(events.leave)


def _box(settings: Settings) -> str:
    """Render the upload box and its limits: HTML."""
    extensions = ",".join(SUPPORTED_EXTENSIONS)
    limits = (
        f"Up to {MAX_TRACKS} files, each up to {settings.max_file_mb} MB and {settings.max_minutes:g} minutes. "
        "Folders can be dropped too."
    )
    return (
        f"<input type='file' id='many-input' class='unseen' multiple accept='{extensions}' "
        f"data-max-tracks='{MAX_TRACKS}' aria-describedby='many-limits'>"
        "<label for='many-input'><strong>Drop recordings here, or choose them</strong>"
        f"<span id='many-limits'>{html.escape(limits)}</span></label>"
    )
