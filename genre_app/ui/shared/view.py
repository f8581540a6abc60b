"""A result as HTML and charts, and the messages of the page."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from genre_app.formatting import percent
from genre_app.genres import stripes_of
from genre_app.models.catalogue import entry_of
from genre_app.report import to_json
from genre_app.report.captions import course_caption, scores_caption
from genre_app.report.charts import genre_timeline, score_bars
from genre_app.report.chips import tag_chips
from genre_app.report.tables import score_table, window_table
from genre_app.results.build import TrackAnalysis, leading_tags
from genre_app.results.progress import Progress
from genre_app.results.schema import ClassificationResult, SliceOptions, TagScore, TrackFacts
from genre_app.results.window_plan import options_scored
from genre_app.results.windows import slice_track
from genre_app.settings import Settings
from genre_app.ui.shared.progress import labelled_progress

#: Longer text makes the page slow.
_MAX_JSON_ON_SCREEN: Final = 200_000
#: Longer tables make the page slow.
_MAX_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Charts:
    """The two figures of a result, and a text alternative of the first."""

    bars: go.Figure
    bars_in_words: str
    timeline: go.Figure


def draw(scored: TrackAnalysis, options: SliceOptions) -> Charts:
    """Draw a track at the settings of the sliders."""
    windows = slice_track(scored.track, options)
    return Charts(
        bars=score_bars(windows, options.top_k),
        bars_in_words=_in_words(scores_caption(windows), score_table(windows), chart="bars", name="Scores"),
        timeline=genre_timeline(windows, scored.track.duration_s, options.top_k),
    )


def timeline_in_words(result: ClassificationResult) -> str:
    """Describe the timeline in a sentence and a table: HTML."""
    table = window_table(result, most_rows=_MAX_ROWS)
    # player.js makes the timeline a slider and names it.
    return _in_words(course_caption(result), table, chart="timeline", name="")


def _in_words(caption: str, table: str, *, chart: str, name: str) -> str:
    """Join a caption and a table, with the chart's id and accessible name as attributes for in_words.js."""
    return (
        f"<p class='caption' id='{chart}-caption' data-describes='{chart}' data-name='{name}'>"
        f"{html.escape(caption)}</p>{table}"
    )


def headline(result: ClassificationResult) -> str:
    """Render the answer in words, with the genre's colour: HTML."""
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in result.metadata.warnings)
    return (
        f"<div class='headline' style='--genres:{stripes_of(result.verdict.genres)}'>"
        f"<h2>{html.escape(result.verdict.sentence)}</h2>"
        f"<p class='track'>{html.escape(result.metadata.track_name)}</p>{notes}"
        f"<p class='model'>{html.escape(_answered_by(result))}</p></div>"
    )


def insights(scored: TrackAnalysis) -> str:
    """List tempo, key, chords, tags and the explanation, as far as they are known: HTML."""
    facts = scored.facts or TrackFacts()
    known = {
        "Tempo": facts.tempo_bpm and f"{facts.tempo_bpm:.0f} BPM",
        "Key": facts.key,
        "Most frequent chords": ", ".join(chord.chord for chord in facts.chords),
    }
    terms = "".join(
        f"<div><dt>{term}</dt><dd>{html.escape(str(value))}</dd></div>" for term, value in known.items() if value
    )
    chips = tag_chips(_tags_of(scored))
    terms += f"<div class='all'><dt>Also heard</dt><dd>{chips}</dd></div>" if chips else ""
    reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in scored.explanation)
    return (f"<dl class='facts'>{terms}</dl>" if terms else "") + (f"<ul>{reasons}</ul>" if reasons else "")


def _tags_of(scored: TrackAnalysis) -> Sequence[TagScore]:
    """Return the whole track's tags by the model itself where it has tags, else those of the tagger."""
    track = scored.track
    if not track.tags:
        return scored.tags
    return leading_tags(track.tags, slice_track(track, options_scored(track)).tag_scores)


def _answered_by(result: ClassificationResult) -> str:
    """Name the model, with the reason where it is a fallback."""
    entry = entry_of(result.metadata.model_name)
    name = entry.title if entry else result.metadata.model_name
    return " ".join(filter(None, [f"Answered by {name}.", result.metadata.fallback_reason]))


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
    if progress.fraction is None:
        return labelled_progress(f"Listening: {progress.scored_s:.0f} seconds so far …", None)
    return labelled_progress(f"Listening: {percent(progress.fraction)}", progress.fraction)


def message(sentence: str, *, kind: str = "info") -> str:
    """Render a sentence in place of a progress bar: HTML; `kind` is ``info``, ``error`` or ``answer``."""
    role = "alert" if kind == "error" else "status"
    return f"<p class='message {kind}' role='{role}'>{html.escape(sentence)}</p>"


def note(sentence: str) -> str:
    """Render a short status, which screen readers announce when it changes: HTML."""
    return f"<p class='note' role='status'>{html.escape(sentence)}</p>"


def json_on_screen(result: ClassificationResult) -> str:
    """Write a result as JSON to read on the page, cut after 200,000 characters."""
    text = to_json(result)
    if len(text) <= _MAX_JSON_ON_SCREEN:
        return text
    return f"{text[:_MAX_JSON_ON_SCREEN]}\n… The download holds the rest."
