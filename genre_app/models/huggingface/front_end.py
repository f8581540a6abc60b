"""Front ends of transformers, from the feature extractor in the model's folder."""

from pathlib import Path
from typing import Any, Final, Protocol

import torch
import transformers
from torch import Tensor

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import Grid, PatchGrid, WindowGrid
from genre_app.models.huggingface.network import unusable

_SHORTEST_WINDOW_S: Final = 1
_LONGEST_WINDOW_S: Final = 60
_SAMPLE_RATES_HZ: Final = range(4_000, 192_001)
#: Avoids division by zero for silence; the value of Wav2Vec2FeatureExtractor.
_VARIANCE_FLOOR: Final = 1e-7
#: Frames of Kaldi's filter banks, the input of AST: 25 ms, one every 10 ms.
_AST_FRAME_MS: Final = 25
_AST_HOP_MS: Final = 10


class FrontEnd(Protocol):
    """Turns waveforms into a network's input."""

    @property
    def grid(self) -> Grid:
        """Patches or windows that it takes."""

    def __call__(self, waveforms: Tensor) -> dict[str, Tensor]:
        """Turn waveforms of shape (n, n_samples) into the network's keyword arguments, on the same device."""


class RawWaveform:
    """The front end of wav2vec2, HuBERT, WavLM and similar models: the waveform itself.

    The windows of a batch have equal lengths, so no padding and no attention mask are needed.

    Parameters
    ----------
    sample_rate_hz : int
        The model's sample rate.
    normalises : bool
        Whether each window is standardised to zero mean and unit variance.
    """

    def __init__(self, sample_rate_hz: int, *, normalises: bool) -> None:
        self.grid = _window_grid(sample_rate_hz)
        self._normalises = normalises

    def __call__(self, waveforms: Tensor) -> dict[str, Tensor]:
        """See `FrontEnd`."""
        if self._normalises:
            variance, mean = torch.var_mean(waveforms, dim=1, correction=0, keepdim=True)
            waveforms = (waveforms - mean) / torch.sqrt(variance + _VARIANCE_FLOOR)
        return {"input_values": waveforms}


class Extracted:
    """A front end computed by a feature extractor of transformers, on the CPU.

    Parameters
    ----------
    extractor : feature extractor
        From transformers.
    grid : PatchGrid or WindowGrid
        Patches or windows that it takes.
    """

    def __init__(self, extractor: Any, grid: Grid) -> None:
        self.grid = grid
        self._extractor = extractor

    def __call__(self, waveforms: Tensor) -> dict[str, Tensor]:
        """See `FrontEnd`."""
        arrays = list(waveforms.cpu().numpy())
        features = self._extractor(arrays, sampling_rate=self.grid.sample_rate_hz, return_tensors="pt")
        return {key: value.to(waveforms.device) for key, value in features.items()}


def load_front_end(folder: Path, config: Any, *, name: str) -> FrontEnd:
    """Load the front end of a model folder.

    Parameters
    ----------
    folder : Path
        The model's folder.
    config : transformers configuration
        The network's configuration, which some extractors must match.
    name : str
        Name of the model in messages.

    Raises
    ------
    ModelUnavailableError
        The feature extractor is missing, unknown to this app, or does not match the network.
    """
    with unusable(name):
        library: Any = transformers.AutoFeatureExtractor
        extractor = library.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        front_end = _front_end(extractor, config)
    if front_end is None:
        raise ModelUnavailableError(
            f"The model {name} hears sound through a {type(extractor).__name__}, which this app does not know or which "
            "does not fit its network; choose a model of the kind wav2vec2, HuBERT, WavLM, AST or Whisper."
        )
    return front_end


def _front_end(extractor: Any, config: Any) -> FrontEnd | None:
    rate = extractor.sampling_rate
    if not isinstance(rate, int) or rate not in _SAMPLE_RATES_HZ:
        raise ValueError(f"a sampling rate of {rate!r}")
    match type(extractor).__name__:
        case "Wav2Vec2FeatureExtractor" if extractor.feature_size == 1:
            return RawWaveform(rate, normalises=bool(extractor.do_normalize))
        case "SeamlessM4TFeatureExtractor":  # wav2vec2-bert
            return Extracted(extractor, _window_grid(rate))
        case "ASTFeatureExtractor" if _shape_of_ast(extractor) == _shape_of_ast(config):
            return Extracted(extractor, _ast_grid(rate, extractor.max_length))
        case "WhisperFeatureExtractor" if _fits_whisper(extractor, config):
            return Extracted(extractor, PatchGrid(rate, extractor.n_samples, hop_samples=extractor.n_samples // 2))
    return None


def _window_grid(sample_rate_hz: int) -> WindowGrid:
    return WindowGrid(
        sample_rate_hz,
        min_samples=_SHORTEST_WINDOW_S * sample_rate_hz,
        max_samples=_LONGEST_WINDOW_S * sample_rate_hz,
    )


def _ast_grid(sample_rate_hz: int, n_frames: int) -> PatchGrid:
    """Return a grid whose patches fill all frames: the extractor drops incomplete frames and pads the rest."""
    frame = sample_rate_hz * _AST_FRAME_MS // 1000
    patch_samples = frame + (n_frames - 1) * (sample_rate_hz * _AST_HOP_MS // 1000)
    return PatchGrid(sample_rate_hz, patch_samples, hop_samples=patch_samples // 2)


def _shape_of_ast(settings: Any) -> tuple[int, int]:
    return settings.max_length, settings.num_mel_bins


def _fits_whisper(extractor: Any, config: Any) -> bool:
    # The encoder's second convolution halves the number of frames.
    expected = (2 * config.max_source_positions, config.num_mel_bins)
    return (extractor.nb_max_frames, extractor.feature_size) == expected
