"""What the features are called in the table that they are trained on."""

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
