"""The reasons for a genre, in words for people who know no signal processing."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.models.features.linear_model import USED_NAMES, FeatureModel
from genre_app.models.features.names import FEATURE_NAMES

N_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """Name of a feature, how high and low values sound, and the unit of values that may be shown."""

    name: str
    much: str
    little: str
    unit: str = ""


_WORDS: Final = {
    "chroma_stft_mean": _Words("strength of the twelve pitch classes", "dense harmony", "few notes at a time"),
    "chroma_stft_var": _Words("contrast of the pitch classes", "clear notes", "blurred notes"),
    "rms_mean": _Words("average against peak loudness", "even loudness", "great differences in loudness"),
    "rms_var": _Words("variance of the loudness", "great differences in loudness", "even loudness"),
    "spectral_centroid_mean": _Words("spectral centroid", "bright sound", "dark sound", "Hz"),
    "spectral_centroid_var": _Words("variance of the centroid", "changing brightness", "steady brightness"),
    "spectral_bandwidth_mean": _Words("spectral bandwidth", "wide spectrum", "narrow spectrum", "Hz"),
    "spectral_bandwidth_var": _Words("variance of the bandwidth", "changing width", "steady width of the spectrum"),
    "rolloff_mean": _Words("spectral roll-off", "strong high frequencies", "weak high frequencies", "Hz"),
    "rolloff_var": _Words("variance of the roll-off", "high frequencies that come and go", "steady high frequencies"),
    "zero_crossing_rate_mean": _Words("zero-crossing rate", "sharp, noisy sound", "smooth sound"),
    "zero_crossing_rate_var": _Words("variance of the zero-crossing rate", "sharp sounds now and then", "even texture"),
    "harmony_var": _Words("share of sustained sound", "much sustained sound", "little sustained sound"),
    "perceptr_var": _Words("share of percussive sound", "strong percussion", "weak percussion"),
    "tempo": _Words("tempo", "fast pulse", "slow pulse", "BPM"),
    "mfcc1_mean": _Words("average level of the bands (MFCC 1)", "full sound", "thin sound"),
    "mfcc1_var": _Words("variance of the bands' level (MFCC 1)", "loud and quiet moments", "compressed sound"),
    "mfcc2_mean": _Words("low against high bands (MFCC 2)", "heavy bass", "light bass"),
    "mfcc3_mean": _Words("edges against middle of the spectrum (MFCC 3)", "scooped middle", "strong middle"),
}


def explain(model: FeatureModel, features: NDArray[np.float64], label: str) -> list[str]:
    """Describe the features that contributed most to a label.

    Parameters
    ----------
    model : FeatureModel
    features : ndarray, shape (n, 57)
        Raw features of the patches of one track.
    label : str
        The label to explain.

    Returns
    -------
    list of str
        At most three, the strongest first, such as ``"bright sound: spectral centroid 3,100 Hz, higher than usual"``.
        Usual means the average training clip; features that count against the label are left out.
    """
    shares = model.contributions(features, label)
    deviations = model.standardise(features).mean(axis=0)
    values = dict(zip(FEATURE_NAMES, features.mean(axis=0).tolist(), strict=True))
    strongest = np.argsort(-shares, kind="stable")[:N_REASONS]
    return [
        _sentence(USED_NAMES[index], values[USED_NAMES[index]], float(deviations[index]))
        for index in strongest
        if shares[index] > 0
    ]


def _sentence(feature: str, value: float, deviation: float) -> str:
    words = _WORDS.get(feature) or _timbre(feature)
    figure = f" {value:,.0f} {words.unit}" if words.unit else ""
    degree = "much " if abs(deviation) >= 1.5 else ""
    direction = "higher" if deviation > 0 else "lower"
    return f"{words.much if deviation > 0 else words.little}: {words.name}{figure}, {degree}{direction} than usual"


def _timbre(feature: str) -> _Words:
    """Name a higher cepstral coefficient, which has no everyday word."""
    number, statistic = feature.removeprefix("mfcc").split("_")
    if statistic == "var":
        return _Words(f"variance of MFCC {number}", "changing timbre", "steady timbre")
    return _Words(f"ripple of the spectrum (MFCC {number})", "timbre", "timbre")
