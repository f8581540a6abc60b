"""A track summed up by windows: pure arithmetic, no model and no audio."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.errors import InvalidOptionError
from genre_app.formatting import percent, percents
from genre_app.results.label_kind import LabelKind, kind_of
from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import MOMENT_S, moment_scores, musical_votes, sigmoid, smooth
from genre_app.results.schema import SliceOptions
from genre_app.results.track_logits import TrackLogits
from genre_app.results.window_plan import WindowPlan, fits, plan_windows

#: A window with less sound than this share of its time is silent.
_LEAST_SOUND: Final = 0.05
#: In a window, a moment takes in no more of its surroundings than this share of the window, as a standard deviation.
_SHARE_AROUND: Final = 0.25
#: No score is written as a logit of infinity.
_LEAST_SCORE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class WindowScores:
    """Scores of a track and of its windows, each the mean of its moments. Silent parts have no vote in any of them.

    Attributes
    ----------
    plan : WindowPlan
        The windows, n_windows of them.
    window_scores : ndarray of float64, shape (n_windows, n_labels)
        Each row sums to 1, unless each label stands alone. Those of a silent window mean nothing.
    track_scores : ndarray of float64, shape (n_labels,)
        Of the whole track, however many windows the plan keeps; for window models, of these windows. Without any sound
        all scores are 0.
    labels : tuple of str
        The classes, in the order of the columns.
    tag_scores : ndarray of float64, shape (n_tags,)
        What the model says of the whole track beside the labels, 0 to 1 each.
    is_exclusive : bool
        Whether the labels exclude each other, so that their scores sum to 1.
    has_sound : ndarray of bool, shape (n_windows,), or None
        Which windows hold sound; None counts as all.
    styles : tuple of str
        What the columns of the style scores stand for.
    style_log_odds : ndarray of float64, shape (n_styles,)
        Of the whole track; above 0 a style is named.
    window_style_scores : ndarray of float64, shape (n_windows, n_styles)
        Styles of each window.
    """

    plan: WindowPlan
    window_scores: NDArray[np.float64]
    track_scores: NDArray[np.float64]
    labels: tuple[str, ...]
    tag_scores: NDArray[np.float64]
    is_exclusive: bool = True
    has_sound: NDArray[np.bool_] | None = None
    styles: tuple[str, ...] = ()
    style_log_odds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    window_style_scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        """Which windows hold no sound, shape (n_windows,)."""
        n_windows = len(self.plan.starts_s)
        return np.zeros(n_windows, dtype=np.bool_) if self.has_sound is None else ~self.has_sound

    @property
    def label_kind(self) -> LabelKind:
        """What the labels are."""
        return kind_of(self.labels, is_exclusive=self.is_exclusive)

    @property
    def track_percents(self) -> list[str]:
        """The track's scores for people; where the labels exclude each other, the numbers sum to 100."""
        scores = self.track_scores.tolist()
        return percents(scores) if self.is_exclusive else [percent(score) for score in scores]

    @property
    def track_logits(self) -> NDArray[np.float64]:
        """The track's scores as logits, shape (n_labels,): softmax, or sigmoid where labels stand alone, undoes it."""
        scores = np.clip(self.track_scores, _LEAST_SCORE, 1.0 - _LEAST_SCORE)
        logits: NDArray[np.float64] = np.log(scores) if self.is_exclusive else np.log(scores / (1.0 - scores))
        return logits


def slice_track(track: TrackLogits, options: SliceOptions, rule: DecisionRule | None = None) -> WindowScores:
    """Slice a track into windows.

    A window's scores are the mean of the moments in it, weighted by how long each lies inside; a track's are the mean
    of all its moments, untouched by the options. So a track's score for a genre is the share of its time that sounds
    like it, where each moment counts for as much as the model is sure of it. Moments without sound count for nothing,
    nor do those that are surely not music while others are. For window models, a window's scores are its own, and a
    track's are the mean of the windows weighted by their length.

    Parameters
    ----------
    track : TrackLogits
        Logits of patches or of windows.
    options : SliceOptions
        Window, overlap, smoothing and limit.
    rule : DecisionRule, optional
        Says from when on a moment is not music; None counts all sound as music.

    Returns
    -------
    WindowScores
        Scores of windows and track.

    Raises
    ------
    InvalidOptionError
        A window model scored other windows.
    """
    if not fits(track, options):
        raise InvalidOptionError("The model has not heard these windows yet; please analyse the track again.")
    plan = plan_windows(track.duration_s, options.window_seconds, options.overlap, options.max_chunks)
    n_labels = len(track.labels)
    columns = _columns_of_windows(track, options)
    if track.layout:
        means, has_sound = columns, track.has_sound
    else:
        means, sound_share = _overlap_weighted_mean(track, columns, plan)
        has_sound = sound_share >= _LEAST_SOUND
    votes = musical_votes(track, rule or DecisionRule())
    weights = votes * (plan.ends_s - plan.starts_s if track.layout else 1.0)
    return WindowScores(
        plan=plan,
        window_scores=means[:, :n_labels],
        track_scores=np.average(moment_scores(track), axis=0, weights=weights) * bool(track.has_sound.any()),
        labels=track.labels,
        tag_scores=sigmoid(_mean_logits(track.tag_logits, weights)),
        is_exclusive=track.activation == "softmax",
        has_sound=has_sound,
        styles=track.styles,
        style_log_odds=_mean_logits(track.style_logits, weights),
        window_style_scores=sigmoid(means[:, n_labels:]),
    )


def _columns_of_windows(track: TrackLogits, options: SliceOptions) -> NDArray[np.float64]:
    """Return what windows average: scores of the labels and log-odds of the styles, (n_patches, n_labels + n_styles).

    A short window shows what changes fast: the shorter it is, the less of its surroundings a moment takes in.
    """
    around_s = 0.0 if track.layout else min(MOMENT_S, _SHARE_AROUND * options.window_seconds)
    scores = moment_scores(track, max(around_s, options.smoothing_seconds))
    if track.style_logits is None:
        return scores
    styles = smooth(track, track.style_logits.astype(np.float64), options.smoothing_seconds)
    return np.concatenate([scores, styles], axis=1)


def _mean_logits(logits: NDArray[np.float32] | None, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    if logits is None:
        return np.zeros(0)
    means: NDArray[np.float64] = np.average(logits.astype(np.float64), axis=0, weights=weights)
    return means


def _overlap_weighted_mean(
    track: TrackLogits, columns: NDArray[np.float64], plan: WindowPlan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Average the patches under each window, in time linear in the number of patches and windows.

    Each patch is a box over time, as high as its value. The integral of the sum of boxes is piecewise linear with
    bends where patches start and end; a window's sum is the difference of its values at the window's bounds. The same
    with boxes as high as the patches' votes gives the weights.

    Returns
    -------
    ndarray, shape (n_windows, n_columns)
        Means; where nothing sounds, those of all patches under the window.
    ndarray, shape (n_windows,)
        Share of each window's patches that holds sound.
    """
    has_sound = track.has_sound[:, None].astype(np.float64)
    ones = np.ones_like(has_sound)
    # A silent window still needs some numbers: silent patches weigh next to nothing instead of nothing.
    weights = np.maximum(has_sound, 1e-9)
    heights = np.concatenate([columns * weights, weights, has_sound, ones], axis=1)
    sums = _sums_under(track.starts_s, track.patch_seconds, heights, plan)
    means: NDArray[np.float64] = sums[:, :-3] / np.maximum(sums[:, -3:-2], 1e-21)
    return means, sums[:, -2] / np.maximum(sums[:, -1], 1e-12)


def _sums_under(
    starts_s: NDArray[np.float64], patch_seconds: float, heights: NDArray[np.float64], plan: WindowPlan
) -> NDArray[np.float64]:
    """Integrate boxes of shape (n_patches, n_columns) over the windows; shape (n_windows, n_columns)."""
    bends = np.concatenate([starts_s, starts_s + patch_seconds])
    order = np.argsort(bends, kind="stable")
    slopes = np.cumsum(np.concatenate([heights, -heights])[order], axis=0)
    bends = bends[order]
    steps = slopes[:-1] * np.diff(bends)[:, None]
    integral = np.concatenate([np.zeros((1, heights.shape[1])), np.cumsum(steps, axis=0)])
    return np.column_stack(
        [np.interp(plan.ends_s, bends, column) - np.interp(plan.starts_s, bends, column) for column in integral.T]
    )
