"""What the page shows of a result."""

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

#: More characters than this make the page slow.
_MAX_JSON_ON_SCREEN: Final = 200_000
#: More rows than this too.
_MAX_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Charts:
    """The two figures of a result, and in words what the first one shows."""

    bars: go.Figure
    bars_in_words: str
    timeline: go.Figure


def draw(scored: TrackAnalysis, options: SliceOptions) -> Charts:
    """Draw a scored track under the settings of the sliders."""
    windows = slice_track(scored.track, options)
    return Charts(
        bars=score_bars(windows, options.top_k),
        bars_in_words=_in_words(scores_caption(windows), score_table(windows), chart="bars", name="Scores"),
        timeline=genre_timeline(windows, scored.track.duration_s, options.top_k),
    )


def timeline_in_words(result: ClassificationResult) -> str:
    """Say what the timeline shows, in a sentence and as a table: HTML."""
    table = window_table(result, most_rows=_MAX_ROWS)
    # The timeline has a name already: it is a slider, by player.js.
    return _in_words(course_caption(result), table, chart="timeline", name="")


def _in_words(caption: str, table: str, *, chart: str, name: str) -> str:
    """Join a caption and a table to what in_words.js reads: the chart's id, and its name where it has none."""
    return (
        f"<p class='caption' id='{chart}-caption' data-describes='{chart}' data-name='{name}'>"
        f"{html.escape(caption)}</p>{table}"
    )


def headline(result: ClassificationResult) -> str:
    """Say the answer in words, with the genre's colour: HTML."""
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in result.metadata.warnings)
    return (
        f"<div class='headline' style='--genres:{stripes_of(result.verdict.genres)}'>"
        f"<h2>{html.escape(result.verdict.sentence)}</h2>"
        f"<p class='track'>{html.escape(result.metadata.track_name)}</p>{notes}"
        f"<p class='model'>{html.escape(_answered_by(result))}</p></div>"
    )


def insights(scored: TrackAnalysis) -> str:
    """Say tempo, key, chords, what else is heard and what spoke for the genre, as far as they are known: HTML."""
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
    """List the model's own tags where it has any: those of the whole track, whatever the sliders say."""
    track = scored.track
    if not track.tags:
        return scored.tags
    return leading_tags(track.tags, slice_track(track, options_scored(track)).tag_scores)


def _answered_by(result: ClassificationResult) -> str:
    """Name the model, and say why where it is not the first choice."""
    entry = entry_of(result.metadata.model_name)
    name = entry.title if entry else result.metadata.model_name
    return " ".join(filter(None, [f"Answered by {name}.", result.metadata.fallback_reason]))


def limits(settings: Settings) -> str:
    """Say what may be dropped before anybody tries: HTML."""
    return (
        "<p class='limits'>MP3, M4A, WAV, FLAC, OGG, Opus, video with sound and more, up to "
        f"{settings.max_minutes:g} minutes and {settings.max_file_mb} MB.</p>"
    )


def status(progress: Progress) -> str:
    """Say what is happening to the track, with a progress bar: HTML."""
    if progress.stage == "reading":
        return _bar("Opening the file …", None)
    if progress.fraction is None:
        return _bar(f"Listening: {progress.scored_s:.0f} seconds so far …", None)
    return _bar(f"Listening: {percent(progress.fraction)}", progress.fraction)


def message(sentence: str, *, kind: str = "info") -> str:
    """Show a sentence in place of a progress bar: HTML; `kind` is ``info`` or ``error``."""
    role = "alert" if kind == "error" else "status"
    return f"<p class='message {kind}' role='{role}'>{html.escape(sentence)}</p>"


def note(sentence: str) -> str:
    """Say in passing how something stands; screen readers say it when it changes: HTML."""
    return f"<p class='note' role='status'>{html.escape(sentence)}</p>"


def _bar(label: str, fraction: float | None) -> str:
    value = "" if fraction is None else f" value='{fraction:.3f}'"
    bar = f"<progress max='1'{value}></progress>"
    return f"<div class='progress' role='status'><label>{html.escape(label)}{bar}</label></div>"


def json_on_screen(result: ClassificationResult) -> str:
    """Write a result for reading; of one with very many windows, the beginning."""
    text = to_json(result)
    if len(text) <= _MAX_JSON_ON_SCREEN:
        return text
    return f"{text[:_MAX_JSON_ON_SCREEN]}\n… The download holds the rest."
