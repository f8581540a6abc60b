"""The charts in a sentence each, as text alternative and summary."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from genre_app.formatting import clock, percent, percents
from genre_app.genres import display_name
from genre_app.results.bands import NO_SOUND, Band, bands_of, by_name, genre_stretches
from genre_app.results.label_kind import LabelKind
from genre_app.results.leaders import Stretch
from genre_app.results.schema import ClassificationResult, Verdict, VerdictKind
from genre_app.results.verdict import MOST_PARTS
from genre_app.results.windows import WindowScores

#: Labels that a sentence names at most.
_MOST_NAMED: Final = 3
#: Stretches of other labels than the leader that are named with their times, at most.
_MOST_STRETCHES: Final = 3
#: Kinds of verdict beside which a genre's score is no claim.
_CLOSEST_ONLY: Final[dict[VerdictKind, str]] = {
    "outside": "None of the ten genres fits: the scores only say which is closest.",
}
_COURSE_HEADINGS: Final[dict[LabelKind, str]] = {
    "genre": "How the genre moves through the track",
    "tag": "How the tags change through the track",
    "label": "How the label changes through the track",
}
#: From this near to an end of the track, a stretch reaches to it.
_NEAR_END_S: Final = 0.5


def closest_only(result: ClassificationResult) -> str:
    """Say that the scores are no claim, where the music is none of the labels; else return nothing."""
    return _CLOSEST_ONLY.get(result.verdict.kind, "")


def course_heading(kind: LabelKind) -> str:
    """Name the timeline by what its model's labels are."""
    return _COURSE_HEADINGS[kind]


def scores_caption(windows: WindowScores, verdict: Verdict | None = None) -> str:
    """Describe the leading labels of the whole track, and how to read the scores.

    Parameters
    ----------
    windows : WindowScores
        Scores of the whole track.
    verdict : Verdict, optional
        Where it names no genre, the leading label is only called the closest.

    Returns
    -------
    str
        Such as ``"Rock is ahead with 80 %, before metal (12 %) and pop (4 %). Together the scores make 100 %."``.
    """
    if not windows.track_scores.any():
        return f"There is no sound, so no {windows.label_kind} has a score."
    if verdict and not verdict.is_music:
        return f"This is not music, so no {windows.label_kind} has a score."
    shown = windows.track_percents
    order = np.argsort(-windows.track_scores, kind="stable")[:_MOST_NAMED]
    first, *others = [(windows.labels[i], shown[i]) for i in order]
    place = "closest" if verdict and verdict.kind in _CLOSEST_ONLY else "ahead"
    sentence = f"{display_name(first[0])} is {place} with {first[1]}"
    if others:
        sentence += f", before {_listed(f'{_inside(label)} ({score})' for label, score in others)}"
    return f"{sentence}. {how_to_read(windows)}"


def how_to_read(windows: WindowScores) -> str:
    """Say whether the scores share 100 % or stand alone."""
    if windows.is_exclusive:
        return "Together the scores make 100 %."
    return "Each is judged by itself: the scores do not add up to 100 %."


def course_caption(result: ClassificationResult) -> str:
    """Describe how the leading label changes through the track, and where no genre is to be named.

    Parameters
    ----------
    result : ClassificationResult
        Its timeline holds the leading labels.

    Returns
    -------
    str
        Such as ``"Rock leads for 80 % of the track; metal leads from 1:20 to 1:50."``. Shares are of the time with
        music.
    """
    bands = bands_of(result)
    # The times of the parts that the verdict names, and those of the coarser windows, may differ.
    names_times = result.verdict.kind == "mixed" and len(result.verdict.parts) <= MOST_PARTS
    pieces = _genre_parts(result.verdict) if names_times else genre_stretches(result.timeline, bands)
    if not pieces:
        return _without_genre(bands, result.metadata.duration_seconds)
    course = _course(result, pieces, bands)
    if result.verdict.kind in _CLOSEST_ONLY:
        course = course.replace(" leads", " is closest")
    else:
        course += _other_than_the_answer(result, pieces)
    return " ".join([course, *_bands_in_words(bands, result.metadata.duration_seconds)])


def _without_genre(bands: Sequence[Band], duration_s: float) -> str:
    """Describe a track that has no genre anywhere."""
    if len(by_name(bands)) == 1:
        band = bands[0].name
        return f"{'There is no sound' if band == NO_SOUND else band} from beginning to end."
    return " ".join(_bands_in_words(bands, duration_s))


def _other_than_the_answer(result: ClassificationResult, pieces: Sequence[Stretch]) -> str:
    """Say so where other windows than the track's moments give the lead to a genre that the answer does not name."""
    seconds = _seconds(pieces)
    longest, answer = next(iter(seconds)), result.predicted_genre
    names = result.verdict.genres
    if answer not in names or longest in names or seconds.get(answer, 0.0) >= seconds[longest]:
        return ""
    return f" Over the whole track {_inside(answer)} has more, though it leads for less time."


def _genre_parts(verdict: Verdict) -> list[Stretch]:
    return [Stretch(part.name, part.start, part.end, part.colour) for part in verdict.parts if part.kind == "genre"]


def _what_counts(bands: Sequence[Band]) -> str:
    """Name what the shares are of."""
    if not bands:
        return "track"
    return "sound" if all(band.name == NO_SOUND for band in bands) else "music"


def _course(result: ClassificationResult, pieces: Sequence[Stretch], bands: Sequence[Band]) -> str:
    """Describe the course of the stretches that have a genre, in one sentence."""
    whole = _what_counts(bands)
    stretches = _joined(pieces)
    first = stretches[0]
    if result.metadata.is_sample and result.verdict.kind != "mixed":
        return _course_of_a_sample(pieces)
    if len(result.timeline) == 1 and result.verdict.kind != "mixed":
        return f"One window holds the whole track: {_inside(first.label)} leads."
    if len(stretches) == 1:
        where = "from beginning to end" if whole == "track" else f"wherever there is {whole}"
        return f"{display_name(first.label)} leads {where}."
    leader, share = _longest(pieces, result.metadata.duration_seconds - sum(b.end_s - b.start_s for b in bands))
    if len(stretches) == 2:
        second = stretches[1]
        start = "then" if second.start_s - first.end_s < _NEAR_END_S else clock(second.start_s)
        before = f"{display_name(first.label)} leads until {clock(first.end_s)}"
        return f"{before}, and {_inside(second.label)} from {start} on."
    others = [stretch for stretch in stretches if stretch.label != leader]
    if share > 0.5 and len(others) <= _MOST_STRETCHES:
        rest = "; ".join(
            f"{_inside(label)}{' leads' if i == 0 else ''} {_listed(_when(place, stretches) for place in places)}"
            for i, (label, places) in enumerate(_by_label(others).items())
        )
        return f"{display_name(leader)} leads for {percent(share)} of the {whole}; {rest}."
    n_changes = len(stretches) - 1
    return f"The lead changes {'twice' if n_changes == 2 else f'{n_changes} times'}: {_shares(pieces)}."


def _course_of_a_sample(pieces: Sequence[Stretch]) -> str:
    if len({piece.label for piece in pieces}) == 1:
        return f"{display_name(pieces[0].label)} leads in all windows that were sampled."
    return f"In the windows that were sampled, {_shares(pieces)}."


def _bands_in_words(bands: Sequence[Band], duration_s: float) -> list[str]:
    """Say where there is no sound, or something else than music: a sentence for each kind."""
    return [f"{name} {_listed_bands(found, duration_s)}." for name, found in by_name(bands).items()]


def _listed_bands(bands: Sequence[Band], duration_s: float) -> str:
    if len(bands) > _MOST_STRETCHES:
        share = sum(band.end_s - band.start_s for band in bands) / (duration_s or 1.0)
        return f"{len(bands)} times, {percent(share)} of the time"
    return _listed(_span_in_words(band.start_s, band.end_s, duration_s) for band in bands)


def _span_in_words(start_s: float, end_s: float, duration_s: float) -> str:
    """Write when a stretch is, rounded to seconds: ``from 1:00 to 2:00``."""
    start, end = clock(round(start_s)), clock(round(end_s))
    if end_s > duration_s - _NEAR_END_S:
        return f"from {start} to the end"
    return f"until {end}" if start_s < _NEAR_END_S else f"from {start} to {end}"


def _joined(pieces: Iterable[Stretch]) -> list[Stretch]:
    """Join neighbours that have the same label, across what has none."""
    stretches: list[Stretch] = []
    for piece in pieces:
        if stretches and stretches[-1].label == piece.label:
            stretches[-1] = replace(stretches[-1], end_s=piece.end_s)
        else:
            stretches.append(piece)
    return stretches


def _seconds(stretches: Iterable[Stretch]) -> dict[str, float]:
    """Sum how long each label leads, in seconds, the longest first."""
    seconds: dict[str, float] = {}
    for stretch in stretches:
        seconds[stretch.label] = seconds.get(stretch.label, 0.0) + stretch.duration_s
    return dict(sorted(seconds.items(), key=lambda pair: -pair[1]))


def _longest(stretches: Sequence[Stretch], whole_s: float) -> tuple[str, float]:
    """Return the label that leads longest and its share of the whole, some of which may be nobody's."""
    seconds = _seconds(stretches)
    label = next(iter(seconds))
    return label, seconds[label] / max(whole_s, sum(seconds.values()), 1e-9)


def _shares(stretches: Sequence[Stretch]) -> str:
    """List the labels that lead longest with their share of the time, and the others in sum."""
    seconds = _seconds(stretches)
    total_s = sum(seconds.values()) or 1.0
    n_named = _MOST_NAMED if len(seconds) > _MOST_NAMED + 1 else len(seconds)
    names, spans_s = [_inside(label) for label in seconds][:n_named], list(seconds.values())
    if n_named < len(seconds):
        names.append(f"{len(seconds) - n_named} others together")
        spans_s = [*spans_s[:n_named], sum(spans_s[n_named:])]
    (first, share), *rest = zip(names, percents([span_s / total_s for span_s in spans_s]), strict=True)
    return _listed([f"{first} has {share} of the time", *(f"{label} {share}" for label, share in rest)])


def _by_label(stretches: Iterable[Stretch]) -> dict[str, list[Stretch]]:
    places: dict[str, list[Stretch]] = {}
    for stretch in stretches:
        places.setdefault(stretch.label, []).append(stretch)
    return places


def _when(stretch: Stretch, stretches: Sequence[Stretch]) -> str:
    start, end = clock(stretch.start_s), clock(stretch.end_s)
    if stretch is stretches[0]:
        return f"until {end}"
    if stretch is stretches[-1]:
        return f"from {start} to the end"
    return f"at {start}" if start == end else f"from {start} to {end}"


def _inside(label: str) -> str:
    """Return a label as written inside a sentence."""
    return display_name(label).lower()


def _listed(parts: Iterable[str]) -> str:
    """Join with commas and an "and"."""
    *heads, last = parts
    return f"{', '.join(heads)} and {last}" if heads else last
