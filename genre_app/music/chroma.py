"""Chroma: how strong each of the twelve pitch classes sounds over time.

Spectral peaks are folded onto pitch classes together with their subharmonics (harmonic pitch class profile, E. Gomez,
"Tonal Description of Music Audio Signals", 2006). Only peaks that stand out from their surroundings count, so that
noise and drums have almost no chroma; the subharmonics keep a note's third and fifth harmonics from being taken for a
fifth and a major third. Uses numpy and scipy only: librosa's chroma needs numba, whose first use takes 20 s in a
process that cannot write its cache.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import uniform_filter1d

_N_FFT: Final = 8192  # 0.37 s at 22,050 Hz: resolves semitones from 110 Hz up
_HOP: Final = 2048
_LOWEST_HZ: Final = 65.0  # C2
_HIGHEST_HZ: Final = 2100.0  # C7
_FRAME_FLOOR: Final = 10 ** (-40 / 20)  # of the frame's loudest peak
_TRACK_FLOOR: Final = 10 ** (-50 / 20)  # of the track's loudest peak
_N_SUBHARMONICS: Final = 5
_SUBHARMONIC_DECAY: Final = 0.6
_REACH: Final = 2.0 / 3.0  # semitones from a pitch class beyond which a peak does not count for it
_NEIGHBOURS: Final = 41  # bins (110 Hz) around a peak, which it must stand out from
_PROMINENCE: Final = 1.2  # nepers (10 dB) above the neighbours' mean; 0.4 % of the bins of noise reach that
_LOUDNESS_POWER: Final = 0.25  # of the amplitude: quiet voices count too
_PITCH_POWER: Final = 0.5  # low notes carry the harmony: a note an octave higher weighs 0.7
_BLOCK_FRAMES: Final = 256


@dataclass(frozen=True, slots=True)
class Chromagram:
    """Strength of the pitch classes over time.

    Attributes
    ----------
    frames : ndarray, shape (n_frames, 12)
        Columns from C to B; not normalised, so that more and louder notes give greater values.
    hop_s : float
        Seconds between frames.
    """

    frames: NDArray[np.float64]
    hop_s: float


@dataclass(frozen=True, slots=True)
class _Peaks:
    """Spectral peaks: frame index, frequency in Hz and amplitude of each, all of shape (n_peaks,)."""

    frame: NDArray[np.int64]
    frequency_hz: NDArray[np.float64]
    amplitude: NDArray[np.float64]


def chromagram(audio: NDArray[np.float32], sample_rate_hz: int) -> Chromagram:
    """Fold a recording onto pitch classes.

    Parameters
    ----------
    audio : ndarray of float32, shape (n_samples,)
    sample_rate_hz : int

    Returns
    -------
    Chromagram
        At least one frame.
    """
    padded = np.pad(audio, (_N_FFT // 2, _N_FFT // 2 + _HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    peaks = _join(
        _find_peaks(windows[first : first + _BLOCK_FRAMES], first, sample_rate_hz)
        for first in range(0, len(windows), _BLOCK_FRAMES)
    )
    return Chromagram(_fold(_without_faint(peaks), len(windows)), _HOP / sample_rate_hz)


def _find_peaks(windows: NDArray[np.float32], first: int, sample_rate_hz: int) -> _Peaks:
    """Find the spectral peaks between the lowest and highest pitch, by parabolic interpolation.

    ``first`` is the index of the first frame.
    """
    hann = np.hanning(_N_FFT + 1)[:-1].astype(np.float32)
    bin_hz = sample_rate_hz / _N_FFT
    low, high = int(_LOWEST_HZ / bin_hz), int(_HIGHEST_HZ / bin_hz) + 2
    amplitude = np.abs(fft.rfft(windows * hann, axis=1)[:, low:high]).astype(np.float64) / _N_FFT
    log_amplitude = np.log(amplitude + 1e-9)
    prominence = (log_amplitude - uniform_filter1d(log_amplitude, _NEIGHBOURS, axis=1, mode="reflect"))[:, 1:-1]
    middle = amplitude[:, 1:-1]
    is_peak = (middle > amplitude[:, :-2]) & (middle >= amplitude[:, 2:])
    floor = np.maximum(_FRAME_FLOOR * amplitude.max(axis=1, keepdims=True), 1e-9)
    frame, column = np.nonzero(is_peak & (middle > floor) & (prominence > _PROMINENCE))
    left, centre, right = (log_amplitude[frame, column + step] for step in range(3))
    offset = 0.5 * (left - right) / np.minimum(left - 2 * centre + right, -1e-9)
    frequency_hz = (low + 1 + column + np.clip(offset, -0.5, 0.5)) * bin_hz
    return _Peaks(frame + first, frequency_hz, np.exp(centre))


def _join(parts: Iterable[_Peaks]) -> _Peaks:
    frames, frequencies, amplitudes = zip(
        *((part.frame, part.frequency_hz, part.amplitude) for part in parts), strict=True
    )
    return _Peaks(np.concatenate(frames), np.concatenate(frequencies), np.concatenate(amplitudes))


def _without_faint(peaks: _Peaks) -> _Peaks:
    """Drop peaks far below the track's loudest: reverberation and noise in pauses."""
    keep = peaks.amplitude > _TRACK_FLOOR * peaks.amplitude.max(initial=0.0)
    return _Peaks(peaks.frame[keep], peaks.frequency_hz[keep], peaks.amplitude[keep])


def _fold(peaks: _Peaks, n_frames: int) -> NDArray[np.float64]:
    """Add every peak and its subharmonics to the pitch classes nearby; shape (n_frames, 12)."""
    strength = peaks.amplitude**_LOUDNESS_POWER * (440.0 / peaks.frequency_hz) ** _PITCH_POWER
    pitch = 12.0 * np.log2(peaks.frequency_hz / 440.0) + 69.0
    pitch -= _tuning(pitch, strength)
    chroma = np.zeros(n_frames * 12)
    for number in range(1, _N_SUBHARMONICS + 1):
        root = pitch - 12.0 * np.log2(number)
        for neighbour in (np.floor(root), np.floor(root) + 1.0):
            distance = np.abs(root - neighbour)
            near = np.where(distance < _REACH, np.cos(0.5 * np.pi * distance / _REACH) ** 2, 0.0)
            place = peaks.frame * 12 + neighbour.astype(np.int64) % 12
            weight = strength * near * _SUBHARMONIC_DECAY ** (number - 1)
            chroma += np.bincount(place, weights=weight, minlength=len(chroma))
    return chroma.reshape(n_frames, 12)


def _tuning(pitch: NDArray[np.float64], strength: NDArray[np.float64]) -> float:
    """Return the tuning above A = 440 Hz in semitones, -0.5 to 0.5: a circular mean."""
    turn = (strength * np.exp(2j * np.pi * pitch)).sum()
    return float(np.angle(turn) / (2 * np.pi))
