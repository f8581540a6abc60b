"""What the features are called, in the table that they are trained on and in words."""

from typing import Final

N_MFCC: Final = 20

_MEASURED: Final = (
    *("chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate"),
    *("harmony", "perceptr"),
)
_MFCC: Final = tuple(f"mfcc{number}" for number in range(1, N_MFCC + 1))


def _mean_and_var(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{statistic}" for name in names for statistic in ("mean", "var"))


#: The table's columns, in its order.
FEATURE_NAMES: Final = (*_mean_and_var(_MEASURED), "tempo", *_mean_and_var(_MFCC))

_TIMBRE: Final = {
    "mfcc1": "the spectrum's fullness",
    "mfcc2": "the balance of low against high frequencies",
    "mfcc3": "the strength of the middle against the edges of the spectrum",
}

#: Feature (without ``_mean`` and ``_var``) to what it measures, the unit that may be shown, and the words for much
#: and for little of it.
_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "chroma_stft": ("chroma", "", "dense harmony", "sparse harmony"),
    "rms": ("level against the loud parts", "", "even loudness", "uneven loudness"),
    "spectral_centroid": ("spectral centroid", "Hz", "bright sound", "dark sound"),
    "spectral_bandwidth": ("spectral bandwidth", "Hz", "wide spectrum", "narrow spectrum"),
    "rolloff": ("spectral roll-off", "Hz", "many high frequencies", "few high frequencies"),
    "zero_crossing_rate": ("zero-crossing rate", "", "noisy, sharp sound", "smooth sound"),
    "harmony": ("share of sustained sound", "", "much sustained sound", "little sustained sound"),
    "perceptr": ("share of percussion", "", "strong percussion", "weak percussion"),
    "tempo": ("tempo", "BPM", "fast pulse", "slow pulse"),
}
