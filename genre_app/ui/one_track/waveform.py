"""What the page's waveform draws: the track's peaks, and who leads when."""

import base64
import html
import json
from collections.abc import Iterator
from itertools import groupby

from genre_app.genres import display_name
from genre_app.report.curves import leader_pieces
from genre_app.results.bands import bands_of
from genre_app.results.build import TrackAnalysis, build_result, windows_of
from genre_app.results.progress import Progress
from genre_app.results.schema import ClassificationResult, SliceOptions
from genre_app.results.window_plan import options_scored

_TIME_DECIMALS = 3


def waveform(
    scored: TrackAnalysis,
    result: ClassificationResult,
    options: SliceOptions,
    *,
    duration_s: float | None = None,
) -> str:
    """Write what waveform.js draws, and which recording and labels it is of, for correction.js: HTML that is not seen.

    Parameters
    ----------
    scored : TrackAnalysis
        The track, or the part of it that is scored.
    result : ClassificationResult
        Its result at the settings of the sliders.
    options : SliceOptions
        These settings.
    duration_s : float, optional
        Length of the whole track, where only a part is scored.
    """
    track = scored.track
    content = {
        "audio_sha256": scored.audio_sha256,
        "name": scored.name,
        "label_kind": result.metadata.label_kind,
        "scored_s": round(track.duration_s, _TIME_DECIMALS),
        "duration_s": round(max(duration_s or 0.0, track.duration_s), _TIME_DECIMALS),
        "window_s": options.window_seconds,
        "hop_s": options.window_seconds * (1.0 - options.overlap),
        "stretches": list(_stretches(scored, result, options)),
        "peaks": "" if track.peaks is None else base64.b64encode(track.peaks.tobytes()).decode(),
    }
    return f"<div hidden data-waveform='{html.escape(json.dumps(content))}'></div>"


def waveform_so_far(progress: Progress) -> str:
    """Write what waveform.js draws of a track that is being scored: HTML that is not seen; nothing before that.

    Its windows are not the visitor's: with short ones that overlap, a long track would take seconds.
    """
    so_far = progress.so_far
    if so_far is None:
        return ""
    duration_s = so_far.track.duration_s / progress.fraction if progress.fraction else None
    options = options_scored(so_far.track)
    return waveform(so_far, build_result(so_far, options), options, duration_s=duration_s)


def _stretches(
    scored: TrackAnalysis, result: ClassificationResult, options: SliceOptions
) -> Iterator[tuple[float, float, str, str]]:
    """Yield start, end, name and colour of the stretches throughout which one label leads, or without a genre."""
    pieces = leader_pieces(windows_of(scored, options), bands_of(result))
    rows = zip(pieces.starts_s.tolist(), pieces.ends_s.tolist(), pieces.names, pieces.colours, strict=True)
    for (name, colour), group in groupby(rows, key=lambda row: row[2:]):
        stretch = list(group)
        start_s, end_s = stretch[0][0], stretch[-1][1]
        yield round(start_s, _TIME_DECIMALS), round(end_s, _TIME_DECIMALS), display_name(name), colour
