"""The speed of ``transformers.pipeline("audio-classification")`` on the same windows, for comparison.

The model has the architecture of wav2vec2-base with random weights, which change the answer but not the time.
"""

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from genre_app.audio import load_audio
from genre_app.models.runtime.device import resolve_device
from genre_app.results.window_plan import plan_windows
from genre_app.settings import Settings

_SAMPLE_RATE_HZ: Final = 16_000
_WINDOW_S: Final = 30.0


def measure_pipeline(track: Path, settings: Settings, ours_s: float) -> dict[str, float]:
    """Measure the pipeline on the windows of a track, without decoding.

    Parameters
    ----------
    track : Path
        The track.
    settings : Settings
        Threads and device.
    ours_s : float
        Seconds that the app takes from file to result.

    Returns
    -------
    dict of str to float
        Its seconds, and their ratio to `ours_s`, at 25 and 75 % overlap.
    """
    torch.set_num_threads(settings.threads)
    audio = load_audio(track, _SAMPLE_RATE_HZ)
    classify = _wav2vec2_pipeline(resolve_device(settings.device))
    figures: dict[str, float] = {}
    for percent in (25, 75):
        windows = plan_windows(len(audio) / _SAMPLE_RATE_HZ, _WINDOW_S, percent / 100)
        pieces: list[NDArray[np.float32]] = [
            audio[round(start_s * _SAMPLE_RATE_HZ) : round(end_s * _SAMPLE_RATE_HZ)]
            for start_s, end_s in zip(windows.starts_s, windows.ends_s, strict=True)
        ]
        classify(pieces[0])
        started = time.perf_counter()
        for piece in pieces:
            classify(piece)
        seconds = time.perf_counter() - started
        figures[f"pipeline_seconds_overlap_{percent}"] = seconds
        figures[f"pipeline_ratio_overlap_{percent}"] = seconds / ours_s
    return figures


def _wav2vec2_pipeline(device: torch.device) -> Callable[[NDArray[np.float32]], Any]:
    transformers: Any = importlib.import_module("transformers")  # slow to import, and untyped for this use
    torch.manual_seed(0)
    model = transformers.Wav2Vec2ForSequenceClassification(transformers.Wav2Vec2Config(num_labels=10)).eval()
    pipeline: Callable[[NDArray[np.float32]], Any] = transformers.AudioClassificationPipeline(
        model=model, feature_extractor=transformers.Wav2Vec2FeatureExtractor(), device=device
    )
    return pipeline
