"""The charts of a result with their words, and the messages of the page."""

import html
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from genre_app.formatting import percent, roughly
from genre_app.report import to_json
from genre_app.report.captions import closest_only, course_caption, course_heading, how_to_read
from genre_app.report.charts import genre_timeline
from genre_app.report.tables import window_table
from genre_app.results.bands import bands_of
from genre_app.results.build import TrackAnalysis, windows_of
from genre_app.results.label_kind import LabelKind
from genre_app.results.progress import Progress
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.settings import Settings
from genre_app.ui.shared.progress import labelled_progress
from genre_app.ui.shared.score_list import likeliest

#: Longer text makes the page slow.
_MAX_JSON_ON_SCREEN: Final = 200_000
#: Longer tables make the page slow.
_MAX_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Charts:
    """The scores of a track as HTML, empty where it is not music, and the figure of its timeline."""

    bars: str
    timeline: go.Figure


def draw(scored: TrackAnalysis, result: ClassificationResult, options: SliceOptions) -> Charts:
    """Draw a track and its result at the settings of the sliders."""
    windows = windows_of(scored, options)
    bars = ""
    if result.verdict.is_music:
        notes = " ".join(filter(None, [closest_only(result), how_to_read(windows)]))
        bars = f"<h3>The likeliest</h3>{likeliest(windows, n_named=options.top_k)}<p class='note'>{notes}</p>"
    return Charts(bars, genre_timeline(windows, scored.track.duration_s, options.top_k, bands_of(result)))


def timeline_in_words(result: ClassificationResult, kind: LabelKind) -> str:
    """Describe the timeline in a sentence and a table: HTML."""
    table = window_table(result, kind, most_rows=_MAX_ROWS)
    return _in_words(course_caption(result), table, chart="timeline", name=course_heading(kind))


def _in_words(caption: str, table: str, *, chart: str, name: str) -> str:
    """Join a caption and a table, with the chart's id and accessible name as attributes for in_words.js."""
    return (
        f"<p class='caption' id='{chart}-caption' data-describes='{chart}' data-name='{name}'>"
        f"{html.escape(caption)}</p>{table}"
    )


def limits(settings: Settings) -> str:
    """State which files are accepted: HTML."""
    return (
        "<p class='limits'>MP3, M4A, WAV, FLAC, OGG, Opus, video with sound and more, up to "
        f"{settings.max_minutes:g} minutes and {settings.max_file_mb} MB.</p>"
    )


def status(progress: Progress) -> str:
    """Render the progress of a track: HTML."""
    if progress.stage == "reading":
        return labelled_progress("Opening the file …", None)
    if progress.stage == "waiting":
        return labelled_progress(f"{waiting(progress)} …", None)
    if progress.fraction is None:
        return labelled_progress(f"Listening: {progress.scored_s:.0f} seconds so far …", None)
    return labelled_progress(f"Listening: {percent(progress.fraction)}", progress.fraction)


def waiting(progress: Progress) -> str:
    """Say how many tracks are ahead of one that waits, and how long that takes, where it is known."""
    match progress.n_ahead:
        case 0:
            ahead = "Your track is next"
        case 1:
            ahead = "One track is ahead of yours"
        case n:
            ahead = f"{n} tracks are ahead of yours"
    return ahead if progress.wait_s is None else f"{ahead}: it starts in {roughly(progress.wait_s)}"


def message(sentence: str, *, kind: str = "info") -> str:
    """Render a sentence in place of a progress bar: HTML; `kind` is ``info``, ``error`` or ``answer``."""
    role = "alert" if kind == "error" else "status"
    return f"<p class='message {kind}' role='{role}'>{html.escape(sentence)}</p>"


def cancelled() -> str:
    """Say that an analysis was cancelled, with a button that start_again.js answers: HTML."""
    again = "<button type='button' class='again' data-again>Start again</button>"
    return f"<p class='message info' role='status'>Cancelled. {again}</p>"


def note(sentence: str) -> str:
    """Render a short status, which screen readers announce when it changes: HTML."""
    return f"<p class='note' role='status'>{html.escape(sentence)}</p>"


def json_on_screen(result: ClassificationResult) -> str:
    """Write a result as JSON to read on the page, cut after 200,000 characters."""
    text = to_json(result)
    if len(text) <= _MAX_JSON_ON_SCREEN:
        return text
    return f"{text[:_MAX_JSON_ON_SCREEN]}\n… The download holds the rest."
