"""Download buttons of a result, one a format; a file is made when its button is clicked."""

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import Final

import gradio as gr

from genre_app.report import Report, write_atomically, writer_of
from genre_app.results.build import TrackAnalysis, build_result, windows_of, with_all_predictions
from genre_app.results.schema import SliceOptions
from genre_app.results.window_plan import fits
from genre_app.ui.shared import view
from genre_app.ui.shared.corrections import WITH_CORRECTION, checked
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.sliders import options_of
from genre_app.ui.static import script

#: Label and id of each format's button.
_BUTTONS: Final = {
    "html": ("Report (HTML)", "download-html"),
    "card.png": ("Share card (PNG)", "download-card"),
    "png": ("Picture (PNG)", "download-png"),
    "csv": ("Table (CSV)", "download-csv"),
    "json": ("Data (JSON)", "download"),
}
#: Gradio cuts longer names at the end.
_MAX_NAME_BYTES: Final = 200
#: A longer suffix is the end of a sentence rather than an extension.
_MAX_EXTENSION_BYTES: Final = 8


def build(scored: gr.State, controls: list[gr.Slider], folder_of: Callable[[gr.Request], Path], limit: int) -> None:
    """Lay out the buttons and connect them.

    Parameters
    ----------
    scored : gradio.State
        The visitor's `TrackAnalysis`, or None.
    controls : list of gradio.Slider
        In the order of `genre_app.ui.shared.sliders.sliders`; a file is made for their values at the click.
    folder_of : callable
        Returns a visitor's folder for files, which the caller removes when the visitor leaves.
    limit : int
        Files of one format that are made at the same time.
    """
    with gr.Row(elem_id="downloads"):
        buttons = {
            name: gr.Button(label, elem_id=elem_id, size="md", min_width=130)
            for name, (label, elem_id) in _BUTTONS.items()
        }
    save = script("save_file.js")
    note = gr.HTML(view.note(""), elem_id="download-note")
    file = gr.DownloadButton(visible=False)
    correction = gr.Textbox(visible=False)
    for name, button in buttons.items():
        button.click(
            _maker(name, folder_of),
            [scored, correction, *controls],
            [note, file],
            js=WITH_CORRECTION,
            show_progress="hidden",
            concurrency_limit=limit,
        ).success(None, [file], None, js=save)


def _maker(name: str, folder_of: Callable[[gr.Request], Path]) -> Callable[..., Iterator[Updates]]:
    """Return the event of a format's button, which yields a note and the file, None until it is ready."""

    def make(
        request: gr.Request, scored: TrackAnalysis | None, correction: str | None, *sliders: float
    ) -> Iterator[Updates]:
        options = options_of(*sliders)
        if scored is None or not fits(scored.track, options):
            yield view.note("The model is still listening; please try again in a moment."), None
            return
        path = folder_of(request) / file_name(scored.name, name)
        yield view.note(f"Making {path.name} …"), None
        report = report_of(scored, options, correction=checked(correction))
        try:
            content = writer_of(name).render(report)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content)
        except OSError:
            yield view.note("There is no room for the file on the app's machine; please try again later."), None
        else:
            yield view.note(f"Ready: {path.name} ({_size(len(content))})"), str(path)

    return make


def report_of(scored: TrackAnalysis, options: SliceOptions, *, correction: str | None = None) -> Report:
    """Gather what a visitor takes along: the top-k is a view of the page, the JSON lists every genre."""
    windows = windows_of(scored, options)
    result = with_all_predictions(build_result(scored, options), windows)
    return Report(result.model_copy(update={"correction": correction}), windows)


def file_name(track_name: str, extension: str) -> str:
    """Name a file after its track, as the command line does: ``song.mp3.json``.

    Parameters
    ----------
    track_name : str
        Of any length; a leading folder is dropped.
    extension : str
        Without the dot.

    Returns
    -------
    str
        At most 200 bytes as UTF-8; the part before the extensions is cut.
    """
    name = PurePath(track_name).name or "track"
    suffix = PurePath(name).suffix
    suffix = suffix if len(suffix.encode()) <= _MAX_EXTENSION_BYTES else ""
    end = f"{suffix}.{extension}"
    stem = name.removesuffix(suffix).encode()[: _MAX_NAME_BYTES - len(end.encode())]
    return stem.decode(errors="ignore") + end


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(1, round(n_bytes / 1e3))} kB"
