"""The answer as HTML: the verdict, stretches of the track to play, styles and tags, and what comes later."""

import html
from typing import Final

from genre_app.formatting import clock
from genre_app.genres import colour_of, display_name, stripes_of
from genre_app.models.catalogue import title_of
from genre_app.report.chips import style_chips, tag_chips
from genre_app.results.build import TrackAnalysis, build_result
from genre_app.results.reasons import further_tags, named_styles, strongest_in_words
from genre_app.results.schema import ClassificationResult, Part, TrackFacts
from genre_app.results.window_plan import options_scored

#: A longer sentence is written smaller.
_LONG_SENTENCE: Final = 40
_OTHER_MODELS: Final = "Other models are under Advanced; About says how far to trust each."


def headline(result: ClassificationResult) -> str:
    """Render the answer in words, under its genres' colours, with the track's name and the model that answered: HTML.

    Parameters
    ----------
    result : ClassificationResult
        At the settings of the sliders.
    """
    sentence = result.verdict.sentence
    size = " class='long'" if len(sentence) > _LONG_SENTENCE else ""
    notes = "".join(f"<p class='note'>{html.escape(note)}</p>" for note in result.metadata.warnings)
    return (
        f"<div class='headline' style='--genres:{stripes_of(result.verdict.colours, direction='to right')}'>"
        f"<h2{size}>{html.escape(sentence)}</h2>"
        f"<p class='track'>{html.escape(result.metadata.track_name)}</p>{_answered_by(result)}{notes}</div>"
    )


def insights(scored: TrackAnalysis) -> str:
    """List what is found after the answer, as far as it is known: HTML.

    That is tempo, key and chords, the tags of another model, and the model's own explanation.
    """
    result = build_result(scored, options_scored(scored.track))
    facts = result.facts or TrackFacts()
    known = {
        "Tempo": facts.tempo_bpm and f"{facts.tempo_bpm:.0f} BPM",
        "Key": facts.key,
        "Most frequent chords": ", ".join(chord.chord for chord in facts.chords),
    }
    terms = "".join(
        f"<div><dt>{term}</dt><dd>{html.escape(str(value))}</dd></div>" for term, value in known.items() if value
    )
    if scored.tags and not scored.track.tags:
        terms += _chips("Also heard", tag_chips(further_tags(result)))
    reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in scored.explanation)
    return (f"<dl class='facts'>{terms}</dl>" if terms else "") + (f"<ul>{reasons}</ul>" if reasons else "")


def why(scored: TrackAnalysis, result: ClassificationResult) -> str:
    """Render what speaks for the answer, where there is something to say: parts to play, styles and tags; HTML."""
    chips = _chips("Styles", style_chips(named_styles(result)))
    if scored.track.tags:
        chips += _chips("Also heard", tag_chips(further_tags(result)))
    says = [
        _parts(result.verdict.parts),
        f"<dl class='facts'>{chips}</dl>" if chips else "",
        _strongest(result),
    ]
    return f"<div class='why'>{''.join(says)}</div>" if any(says) else ""


def _parts(parts: list[Part]) -> str:
    """Render a button for each part of a mixed track, in the order of time."""
    buttons = [
        _seek_button(part.start, display_name(part.name), f"{clock(part.start)} to {clock(part.end)}", part.colour)
        for part in parts
    ]
    items = "".join(f"<li>{button}</li>" for button in buttons)
    return f"<ol class='parts' aria-label='Parts of the track'>{items}</ol>" if items else ""


def _strongest(result: ClassificationResult) -> str:
    """Render a button for each genre that is named, which plays the part in which it is strongest."""
    return "".join(
        f"<p>{_seek_button(span.start, words, '', colour_of(span.genre))}</p>"
        for span, words in strongest_in_words(result)
    )


def _seek_button(start_s: float, words: str, times: str, colour: str) -> str:
    """Render a button that plays from a time on; player.js enables it where there is a recording to play."""
    when = f" <span>{times}</span>" if times else ""
    return (
        f"<button type='button' class='seek' data-seek='{start_s:g}' style='--genre:{colour}' "
        f"title='Play from here' disabled>{html.escape(words)}{when}</button>"
    )


def _chips(term: str, chips: str) -> str:
    return f"<div class='all'><dt>{term}</dt><dd>{chips}</dd></div>" if chips else ""


def _answered_by(result: ClassificationResult) -> str:
    """Render the model's name, to unfold why it answered: HTML."""
    name = title_of(result.metadata.model_name)
    reason = " ".join(filter(None, [result.metadata.fallback_reason, _OTHER_MODELS]))
    return (
        f"<details class='model'><summary>Answered by {html.escape(name)}</summary>"
        f"<p>{html.escape(reason)}</p></details>"
    )
