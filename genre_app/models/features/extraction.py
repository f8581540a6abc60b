"""The 57 librosa features of the widely known GTZAN table ``features_30_sec.csv``, from a waveform.

Means and variances over time, with librosa's defaults at 22,050 Hz (n_fft 2048, hop 512). One short-time Fourier
transform is shared; the results equal those of librosa's own functions on the waveform.
"""

from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from genre_app.models.features.compilation import alone_on_this_machine
from genre_app.models.features.names import N_MFCC

SAMPLE_RATE_HZ: Final = 22_050
_is_compiled = False


def extract_features(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the features of a stretch of audio.

    Parameters
    ----------
    audio : ndarray of float32, shape (n_samples,)
        Mono at `SAMPLE_RATE_HZ`, full scale ±1, finite; the table's clips are 30 s long.

    Returns
    -------
    ndarray of float64, shape (57,)
        In the order of `genre_app.models.features.names.FEATURE_NAMES`; frequencies in Hz, tempo in beats per minute;
        finite for silence too.
    """
    global _is_compiled  # noqa: PLW0603 - what numba has compiled is global as well
    if _is_compiled:
        return _extract(audio)
    with alone_on_this_machine():
        features = _extract(audio)
    _is_compiled = bool(audio.any())  # silence does not reach all functions
    return features


def _extract(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    spectrum = librosa.stft(audio)
    magnitude = np.abs(spectrum)
    rate_hz = SAMPLE_RATE_HZ
    centroid = librosa.feature.spectral_centroid(S=magnitude, sr=rate_hz)
    mel_db = librosa.power_to_db(librosa.feature.melspectrogram(S=magnitude**2, sr=rate_hz))
    harmonic, percussive = (librosa.istft(part, length=len(audio)) for part in librosa.decompose.hpss(spectrum))
    measured = [
        librosa.feature.chroma_stft(S=magnitude**2, sr=rate_hz, tuning=_tuning(magnitude)),
        librosa.feature.rms(y=audio),
        centroid,
        librosa.feature.spectral_bandwidth(S=magnitude, sr=rate_hz, centroid=centroid),
        librosa.feature.spectral_rolloff(S=magnitude, sr=rate_hz),
        librosa.feature.zero_crossing_rate(audio),
        harmonic,
        percussive,
    ]
    mfcc = librosa.feature.mfcc(S=mel_db, sr=rate_hz, n_mfcc=N_MFCC)
    values = [*_statistics(measured), _tempo_bpm(mel_db), *_statistics(list(mfcc))]
    return np.array(values, dtype=np.float64)


def _statistics(series: list[NDArray[np.float32]]) -> list[float]:
    """Return the mean and variance of each series."""
    values = [one.astype(np.float64) for one in series]
    return [float(statistic) for one in values for statistic in (one.mean(), one.var())]


def _tuning(magnitude: NDArray[np.float32]) -> float:
    """Estimate the tuning in semitones like `librosa.estimate_tuning`, but without its warning about silence."""
    pitch_hz, strength = librosa.piptrack(S=magnitude**2, sr=SAMPLE_RATE_HZ)
    is_pitch = pitch_hz > 0
    if not is_pitch.any():
        return 0.0
    clear = is_pitch & (strength >= np.median(strength[is_pitch]))
    return float(librosa.pitch_tuning(pitch_hz[clear]))


def _tempo_bpm(mel_db: NDArray[np.float32]) -> float:
    """Estimate the tempo like librosa's beat tracker, from the median of the bands' onsets."""
    onsets = librosa.onset.onset_strength(S=mel_db, sr=SAMPLE_RATE_HZ, aggregate=np.median)
    if not onsets.any():
        return 0.0  # as librosa's beat tracker does
    return float(librosa.feature.tempo(onset_envelope=onsets, sr=SAMPLE_RATE_HZ)[0])
