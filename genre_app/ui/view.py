"""What the page shows of a result."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import plotly.graph_objects as go

from genre_app.charts import genre_timeline, score_bars
from genre_app.palette import NEUTRAL_COLOUR, colour_of
from genre_app.progress import Progress
from genre_app.report import to_json, write_atomically
from genre_app.result import ScoredTrack
from genre_app.schema import ClassificationResult, SliceOptions
from genre_app.windows import slice_track
from genre_app.wording import percent

#: More characters than this make the page slow.
_MAX_JSON_ON_SCREEN: Final = 200_000


@dataclass(frozen=True, slots=True)
class Charts:
    """The two figures of a result."""

    bars: go.Figure
    timeline: go.Figure


def draw(scored: ScoredTrack, options: SliceOptions) -> Charts:
    """Draw a scored track under the settings of the sliders."""
    windows = slice_track(scored.track, options)
    return Charts(
        bars=score_bars(windows, options.top_k),
        timeline=genre_timeline(windows, scored.track.duration_s, options.top_k),
    )


def headline(result: ClassificationResult) -> str:
    """Say the answer in words, with the genre's colour: HTML."""
    named = result.verdict.genres
    colours = [colour_of(genre) for genre in named] or [NEUTRAL_COLOUR]
    stripes = ", ".join(
        f"{colour} {100 * i / len(colours):.0f}% {100 * (i + 1) / len(colours):.0f}%"
        for i, colour in enumerate(colours)
    )
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in _notes(result))
    return (
        f"<div class='headline' style='--genres:linear-gradient({stripes})'>"
        f"<h2>{html.escape(result.verdict.sentence)}</h2>"
        f"<p class='track'>{html.escape(result.metadata.track_name)}</p>{notes}</div>"
    )


def insights(scored: ScoredTrack) -> str:
    """Say tempo, key, chords and what spoke for the genre, as far as they are known: HTML."""
    facts = scored.facts
    if facts is None:
        return ""
    chords = ", ".join(chord.chord for chord in facts.chords)
    known = {
        "Tempo": facts.tempo_bpm and f"{facts.tempo_bpm:.0f} BPM",
        "Key": facts.key,
        "Most frequent chords": chords,
    }
    terms = "".join(
        f"<div><dt>{term}</dt><dd>{html.escape(str(value))}</dd></div>" for term, value in known.items() if value
    )
    reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in scored.explanation)
    return (f"<dl class='facts'>{terms}</dl>" if terms else "") + (f"<ul>{reasons}</ul>" if reasons else "")


def _notes(result: ClassificationResult) -> list[str]:
    facts = result.metadata
    notes = list(facts.warnings)
    if facts.fallback_reason:
        notes.append(facts.fallback_reason)
    return notes


def status(progress: Progress) -> str:
    """Say what is happening to the track, with a progress bar: HTML."""
    if progress.stage == "reading":
        return _bar("Opening the file …", None)
    if progress.fraction is None:
        return _bar(f"Listening: {progress.listened_s:.0f} seconds so far …", None)
    return _bar(f"Listening: {percent(progress.fraction)}", progress.fraction)


def message(sentence: str, *, kind: str = "info") -> str:
    """Show a sentence in place of a progress bar: HTML; `kind` is ``info`` or ``error``."""
    role = "alert" if kind == "error" else "status"
    return f"<p class='message {kind}' role='{role}'>{html.escape(sentence)}</p>"


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


def save_json(result: ClassificationResult, folder: Path) -> Path:
    """Write a result for download, named after its track.

    Parameters
    ----------
    result : ClassificationResult
        What to write.
    folder : Path
        A visitor's own; made where it is missing.

    Returns
    -------
    Path
        The file.
    """
    folder.mkdir(exist_ok=True)
    name = Path(result.metadata.track_name).name[:120] or "track"
    path = folder / f"{name}.json"
    write_atomically(path, to_json(result) + "\n")
    return path
