"""Key and chords of a chromagram."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from genre_app.music.chroma import Chromagram

#: How well each scale degree fits, in semitones from the tonic. The two sources are standardised and summed, which
#: finds more keys correctly than either. C. L. Krumhansl & E. J. Kessler, "Tracing the dynamic changes in perceived
#: tonal organization in a spatial representation of musical keys", Psychological Review 89 (1982): probe-tone ratings.
_KRUMHANSL: Final = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
#: D. Temperley, "Music and Probability" (2007): frequency of each degree in the Kostka-Payne corpus.
_TEMPERLEY: Final = (
    (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330),
)

_MAJOR_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES: Final = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_CHORD_NAMES: Final = (*_MAJOR_NAMES, *(f"{name}m" for name in _MINOR_NAMES))

_STEADY_LAGS_S: Final = (0.37, 0.56, 0.93)
_LEAST_STEADY: Final = 0.22  # real music 0.26 to 0.7, speech 0.0, whale song 0.16, noise and clicks below 0.1
#: A melody holds no pitch for long but stays within a scale: the mean chroma of every other four seconds correlates
#: with that of the rest, and is more uneven (standard deviation by mean) than the 0.3 to 0.5 of speech.
_HALVES_S: Final = 4.0
_LEAST_CORRELATION: Final = 0.85
_LEAST_UNEVEN: Final = 0.55
_MOST_UNEVEN: Final = 1.8  # a lone sine 2.6, music 0.5 to 1.2

_SMOOTHING_S: Final = 0.46
_NO_CHORD_FIT: Final = 0.65  # cosine; twelve equally strong pitch classes fit any triad with 0.5
_FAINT: Final = 0.05  # of the loud frames' strength
_CHANGE_COST: Final = 0.6  # in units of summed cosine: a new chord must fit better for about half a second
_SHARPNESS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Key:
    """A key, such as ``"A minor"``, and its likelihood among all 24 keys (0 to 1)."""

    name: str
    confidence: float


def is_tonal(chroma: Chromagram) -> bool:
    """Return whether pitches are held or recur, as in music but not in speech, noise, clicks or a single tone."""
    mean = chroma.frames.mean(axis=0)
    if mean.sum() <= 0:
        return False
    uneven = mean.std() / mean.mean()
    has_scale = uneven >= _LEAST_UNEVEN and _correlation_of_halves(chroma) >= _LEAST_CORRELATION
    return bool(uneven <= _MOST_UNEVEN and (has_scale or _steadiness(chroma) >= _LEAST_STEADY))


def _steadiness(chroma: Chromagram) -> float:
    """Return the mean correlation of frames less than a second apart, -1 to 1."""
    centred = chroma.frames - chroma.frames.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1)
    found = []
    for lag_s in _STEADY_LAGS_S:
        lag = round(lag_s / chroma.hop_s)
        both = (norm[:-lag] * norm[lag:]).sum()
        found.append((centred[:-lag] * centred[lag:]).sum() / both if both > 0 else 0.0)
    return float(np.mean(found))


def _correlation_of_halves(chroma: Chromagram) -> float:
    """Correlate the mean chroma of every other stretch of `_HALVES_S` with that of the rest; 0 for a single stretch."""
    of_first = np.arange(len(chroma.frames)) // round(_HALVES_S / chroma.hop_s) % 2 == 0
    if of_first.all():
        return 0.0
    halves = np.stack([chroma.frames[of_first].mean(axis=0), chroma.frames[~of_first].mean(axis=0)])
    centred = halves - halves.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1)
    return float(centred[0] @ centred[1] / norm.prod()) if norm.all() else 0.0


def find_key(chroma: Chromagram) -> Key:
    """Find the key whose profile correlates best with the mean chroma (Krumhansl-Schmuckler algorithm)."""
    mean = chroma.frames.mean(axis=0)
    fit = np.corrcoef(np.vstack([mean, _key_profiles()]))[0, 1:]
    likelihood = np.exp(_SHARPNESS * (fit - fit.max()))
    best = int(fit.argmax())
    name = f"{_MAJOR_NAMES[best]} major" if best < 12 else f"{_MINOR_NAMES[best - 12]} minor"
    return Key(name, float(likelihood[best] / likelihood.sum()))


def _key_profiles() -> NDArray[np.float64]:
    """Return the profiles of the twelve major and twelve minor keys; shape (24, 12)."""
    modes = np.zeros((2, 12))
    for source in (np.array(_KRUMHANSL), np.array(_TEMPERLEY)):
        modes += (source - source.mean(axis=1, keepdims=True)) / source.std(axis=1, keepdims=True)
    return np.array([np.roll(mode, tonic) for mode in modes for tonic in range(12)])


def chord_shares(chroma: Chromagram) -> dict[str, float]:
    """Return the share of time of each major or minor triad, most frequent first."""
    path = _decode(_chord_fits(chroma))
    counts = np.bincount(path, minlength=len(_CHORD_NAMES) + 1)[: len(_CHORD_NAMES)]
    order = np.argsort(-counts, kind="stable")
    return {_CHORD_NAMES[chord]: float(counts[chord] / len(path)) for chord in order if counts[chord]}


def _chord_fits(chroma: Chromagram) -> NDArray[np.float64]:
    """Return how well each frame fits the 24 triads and (last column) no chord; shape (n_frames, 25)."""
    width = max(1, round(_SMOOTHING_S / chroma.hop_s))
    smooth = median_filter(chroma.frames, size=(width, 1), mode="nearest")
    triads = np.zeros((24, 12))
    for root in range(12):
        triads[root, [root, (root + 4) % 12, (root + 7) % 12]] = 3**-0.5
        triads[12 + root, [root, (root + 3) % 12, (root + 7) % 12]] = 3**-0.5
    norm = np.linalg.norm(smooth, axis=1, keepdims=True)
    fits = smooth @ triads.T / np.maximum(norm, 1e-12)
    loud = np.quantile(norm, 0.95)
    fits[norm[:, 0] <= _FAINT * loud] = 0.0
    return np.column_stack([fits, np.full(len(fits), _NO_CHORD_FIT)])


def _decode(fits: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the states with the best sum of fits minus the cost of changes (Viterbi); shape (n_frames,)."""
    n_frames, n_states = fits.shape
    came_from = np.zeros((n_frames, n_states), dtype=np.int64)
    total = fits[0].copy()
    for frame in range(1, n_frames):
        best = int(total.argmax())
        changes = total < total[best] - _CHANGE_COST
        came_from[frame] = np.where(changes, best, np.arange(n_states))
        total = np.where(changes, total[best] - _CHANGE_COST, total) + fits[frame]
    path = np.empty(n_frames, dtype=np.int64)
    path[-1] = total.argmax()
    for frame in range(n_frames - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path
