"""Tempo in beats per minute, from the times of onsets.

Onset strength is the growth of the spectrum in bands of a third of an octave (spectral flux). A tempo fits if onsets
recur after one, two, three and four of its beats; among octaves that fit equally, a log-normal weighting prefers the
one nearest to a walking pace (D. Ellis, "Beat tracking by dynamic programming", 2007). Uses numpy and scipy only.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter1d

_N_FFT: Final = 2048
_HOP: Final = 256  # 11.6 ms at 22,050 Hz
_LOWEST_HZ: Final = 40.0
_BANDS_PER_OCTAVE: Final = 3
_COMPRESSION: Final = 100.0  # log(1 + 100 x); x is 1 in the loudest cell
_LEAST_FLUX: Final = 0.005  # per band; a hum 0.003, a quiet orchestra 0.03
_TREND_S: Final = 1.0
_BLOCK_FRAMES: Final = 1024

_SLOWEST_BPM: Final = 40.0
_FASTEST_BPM: Final = 240.0
_STEP: Final = 1.002
_CENTRE_BPM: Final = 110.0
_SPREAD_OCTAVES: Final = 1.5
#: Weights of recurrence after 1, 2, 3 and 4 beats; most metres are multiples of two, so 3 says least.
_BEAT_WEIGHTS: Final = {1: 1.0, 2: 1.0, 3: 0.2, 4: 1.0}
#: Halves and thirds of a beat must be weaker than beats; otherwise they are the beats.
_DIVISIONS: Final = (2, 3)
_DIVISION_WEIGHT: Final = 0.15
_LEAST_PULSE: Final = 0.1  # speech and noise stay below 0.06, music is 0.2 to 0.9
_REFINING_BEATS: Final = (4, 8, 16)


def find_tempo(audio: NDArray[np.float32], sample_rate_hz: int) -> float | None:
    """Estimate the tempo of a recording.

    Parameters
    ----------
    audio : ndarray of float32, shape (n_samples,)
    sample_rate_hz : int

    Returns
    -------
    float or None
        Beats per minute, 40 to 240; None without a pulse.
    """
    frame_rate_hz = sample_rate_hz / _HOP
    slowest_lag = frame_rate_hz * 60.0 / _SLOWEST_BPM
    recurrence = _autocorrelation(
        onset_strength(audio, sample_rate_hz), int(slowest_lag * max(_REFINING_BEATS) * _STEP) + 2
    )
    bpm = _SLOWEST_BPM * _STEP ** np.arange(int(np.log(_FASTEST_BPM / _SLOWEST_BPM) / np.log(_STEP)) + 1)
    lag = frame_rate_hz * 60.0 / bpm
    weights = np.array(list(_BEAT_WEIGHTS.values()))
    pulse = weights @ np.stack([_at(recurrence, lag * n) for n in _BEAT_WEIGHTS]) / weights.sum()
    divided = np.sum([np.maximum(_at(recurrence, lag / n), 0.0) for n in _DIVISIONS], axis=0)
    near = np.exp(-0.5 * (np.log2(bpm / _CENTRE_BPM) / _SPREAD_OCTAVES) ** 2)
    best = int(((pulse - _DIVISION_WEIGHT * divided) * near).argmax())
    if pulse[best] < _LEAST_PULSE:
        return None
    return frame_rate_hz * 60.0 / _refine(recurrence, float(lag[best]))


def _refine(recurrence: NDArray[np.float64], lag: float) -> float:
    """Move a lag by up to 1 % to where onsets recur best after many beats, which resolves it more finely."""
    near = lag * np.linspace(0.99, 1.01, 81)
    return float(near[np.sum([_at(recurrence, near * n) for n in _REFINING_BEATS], axis=0).argmax()])


def onset_strength(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the onset strength of each frame of `_HOP` samples, with a mean near 0; shape (n_frames,)."""
    bands = _band_levels(audio, sample_rate_hz)
    loudest = bands.max(initial=0.0)
    if loudest < 1e-7:
        return np.zeros(len(bands))
    level = np.log1p(_COMPRESSION * bands / loudest)
    flux = np.maximum(level[2:] - level[:-2], 0.0).sum(axis=1)
    if flux.mean() < _LEAST_FLUX * level.shape[1]:  # a steady hum changes by rounding only
        return np.zeros(len(flux))
    trend = uniform_filter1d(flux, max(1, round(_TREND_S * sample_rate_hz / _HOP)))
    strength: NDArray[np.float64] = flux - trend
    return strength


def _band_levels(audio: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float64]:
    """Return the amplitude in bands of a third of an octave; shape (n_frames, n_bands)."""
    padded = np.pad(audio, _N_FFT // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    hann = np.hanning(_N_FFT + 1)[:-1].astype(np.float32)
    n_bands = int(_BANDS_PER_OCTAVE * np.log2(sample_rate_hz / 2 / _LOWEST_HZ))
    edges_hz = _LOWEST_HZ * 2.0 ** (np.arange(n_bands + 1) / _BANDS_PER_OCTAVE)
    edges = np.unique(np.round(edges_hz * _N_FFT / sample_rate_hz).astype(np.int64))
    levels = [
        np.add.reduceat(np.abs(fft.rfft(windows[first : first + _BLOCK_FRAMES] * hann, axis=1)), edges, axis=1)
        for first in range(0, len(windows), _BLOCK_FRAMES)
    ]
    mean: NDArray[np.float64] = np.concatenate(levels)[:, :-1].astype(np.float64) / np.diff(edges) / _N_FFT
    return mean


def _autocorrelation(onsets: NDArray[np.float64], n_lags: int) -> NDArray[np.float64]:
    """Return the autocorrelation (1 at lag 0), corrected for the decreasing overlap; shape (n_lags,)."""
    power = np.abs(fft.rfft(onsets, 2 * fft.next_fast_len(len(onsets)))) ** 2
    found = fft.irfft(power)[: min(n_lags, len(onsets) // 2)]
    found *= len(onsets) / (len(onsets) - np.arange(len(found)))
    unit = found[0] if len(found) and found[0] > 0 else 1.0
    correlation: NDArray[np.float64] = np.pad(found / unit, (0, n_lags - len(found)))
    return correlation


def _at(values: NDArray[np.float64], position: NDArray[np.floating]) -> NDArray[np.float64]:
    """Interpolate values linearly at fractional indices."""
    found: NDArray[np.float64] = np.interp(position, np.arange(len(values)), values)
    return found
