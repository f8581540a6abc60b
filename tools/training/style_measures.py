"""Whether styles that are named are right, and how high a threshold must be for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.models.standard.groups import SLOPE

#: What a style must reach, with half a hit and a whole try added, where its threshold is chosen.
_PRECISION: Final = 0.88
_THRESHOLDS: Final = np.arange(10, 36) / 10
#: Where no threshold reaches that.
_CAUTIOUS: Final = 2.6


@dataclass(frozen=True, slots=True)
class StyleSample:
    """n pieces of music whose styles are known.

    Attributes
    ----------
    log_odds : ndarray, shape (n, n_styles)
        As the heads return them.
    fitting : sequence of frozenset of str
        The styles that fit each piece.
    weight : ndarray, shape (n,)
    """

    log_odds: NDArray[np.float64]
    fitting: Sequence[frozenset[str]]
    weight: NDArray[np.float64]


def measure_styles(sample: StyleSample, names: Sequence[str], thresholds: NDArray[np.float64]) -> dict[str, Any]:
    """Return how often named styles fit, with the table's thresholds and with thresholds from the other half.

    Parameters
    ----------
    sample : StyleSample
    names : sequence of str
        Of the styles.
    thresholds : ndarray, shape (n_styles,)
        The table's.
    """
    fits = np.array([[name in some for name in names] for some in sample.fitting])
    strength = sample.log_odds / SLOPE + thresholds
    half = np.random.default_rng(0).permutation(len(fits)) % 2
    halves = []
    for own in (0, 1):
        inside = half == own
        chosen = choose_thresholds(strength[inside], fits[inside], sample.weight[inside])
        halves.append(_figures(strength[~inside] - chosen, fits[~inside], sample.weight[~inside]))
    suggested = choose_thresholds(strength, fits, sample.weight)
    return {
        **_figures(strength - thresholds, fits, sample.weight),
        "other_half": {key: float(np.mean([one[key] for one in halves])) for key in halves[0]},
        "n_pieces": len(fits),
        "suggested_thresholds": dict(zip(names, suggested.tolist(), strict=True)),
    }


def choose_thresholds(
    strength: NDArray[np.float64], fits: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each style the least threshold at which it is right often enough; shape (n_styles,).

    Parameters
    ----------
    strength : ndarray, shape (n, n_styles)
    fits : ndarray of bool, shape (n, n_styles)
    weight : ndarray, shape (n,)
    """
    chosen = np.full(strength.shape[1], _CAUTIOUS)
    for style in range(strength.shape[1]):
        for threshold in _THRESHOLDS:
            named = strength[:, style] >= threshold
            total, right = weight[named].sum(), weight[named & fits[:, style]].sum()
            if total >= 1.0 and (right + 0.5) / (total + 1.0) >= _PRECISION:
                chosen[style] = threshold
                break
    return chosen


def _figures(excess: NDArray[np.float64], fits: NDArray[np.bool_], weight: NDArray[np.float64]) -> dict[str, float]:
    """Return shares of named styles, and of first-named ones, that fit; ``excess`` is above the threshold."""
    named = excess >= 0.0
    has_one = named.any(axis=1)
    first = excess.argmax(axis=1)
    first_fits = fits[np.arange(len(fits)), first]
    return {
        "named_fit": float((weight[:, None] * (named & fits)).sum() / (weight[:, None] * named).sum()),
        "first_fits": float(weight[has_one & first_fits].sum() / weight[has_one].sum()),
        "with_a_style": float(weight[has_one].sum() / weight.sum()),
    }
