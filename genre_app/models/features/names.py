"""Names of the features, as in the GTZAN table ``features_30_sec.csv``."""

from typing import Final

N_MFCC: Final = 20

_MEASURED: Final = (
    *("chroma_stft", "rms", "spectral_centroid", "spectral_bandwidth", "rolloff", "zero_crossing_rate"),
    *("harmony", "perceptr"),
)
_MFCC: Final = tuple(f"mfcc{number}" for number in range(1, N_MFCC + 1))


def _mean_and_var(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{statistic}" for name in names for statistic in ("mean", "var"))


#: In the order of the table's columns.
FEATURE_NAMES: Final = (*_mean_and_var(_MEASURED), "tempo", *_mean_and_var(_MFCC))
