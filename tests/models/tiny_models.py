"""Folders of tiny transformers with random weights, saved like real models."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import (
    ASTConfig,
    ASTForAudioClassification,
    HubertConfig,
    HubertForSequenceClassification,
    Wav2Vec2Config,
    Wav2Vec2ForSequenceClassification,
    WavLMConfig,
    WavLMForSequenceClassification,
    WhisperConfig,
    WhisperForAudioClassification,
)

#: Layers of all kinds, as small as possible.
_TINY: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
#: A stride of 320 samples as in the real ones, so that the shortest window is long enough.
_CONVOLUTIONS: dict[str, Any] = {
    "conv_dim": (8, 8, 8),
    "conv_kernel": (10, 8, 8),
    "conv_stride": (5, 8, 8),
    "num_conv_pos_embeddings": 4,
    "num_conv_pos_embedding_groups": 2,
    "classifier_proj_size": 8,
}
#: Untyped.
_WAVEFORM_EXTRACTOR: Any = transformers.Wav2Vec2FeatureExtractor
_AST_EXTRACTOR: Any = transformers.ASTFeatureExtractor
_WHISPER_EXTRACTOR: Any = transformers.WhisperFeatureExtractor
_WAVEFORM_KINDS: dict[str, tuple[Any, Any]] = {
    "wav2vec2": (Wav2Vec2Config, Wav2Vec2ForSequenceClassification),
    "hubert": (HubertConfig, HubertForSequenceClassification),
    "wavlm": (WavLMConfig, WavLMForSequenceClassification),
}


def waveform_model(
    folder: Path,
    labels: Sequence[str],
    *,
    kind: str = "wav2vec2",
    sample_rate_hz: int = 16_000,
    problem_type: str | None = None,
    seed: int = 0,
    normalises: bool = True,
) -> Path:
    """Save a wav2vec2, hubert or wavlm that reads the waveform."""
    config_class, network_class = _WAVEFORM_KINDS[kind]
    config = config_class(**_TINY, **_CONVOLUTIONS, **_labelled(labels), problem_type=problem_type)
    extractor = _WAVEFORM_EXTRACTOR(sampling_rate=sample_rate_hz, do_normalize=normalises)
    return _save(folder, network_class, config, extractor, seed)


def ast_model(folder: Path, labels: Sequence[str], *, n_frames: int = 48, seed: int = 0) -> Path:
    """Save an audio spectrogram transformer with its extractor."""
    config = ASTConfig(**_TINY, **_labelled(labels), max_length=n_frames, num_mel_bins=32)
    return _save(folder, ASTForAudioClassification, config, _AST_EXTRACTOR(**_ast_shape(config)), seed)


def whisper_model(folder: Path, labels: Sequence[str], *, seconds: int = 2, seed: int = 0) -> Path:
    """Save the encoder of a Whisper as a classifier."""
    extractor = _WHISPER_EXTRACTOR(feature_size=20, chunk_length=seconds)
    config = WhisperConfig(
        **_labelled(labels),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        num_mel_bins=20,
        max_source_positions=50 * seconds,
        classifier_proj_size=8,
        vocab_size=8,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=0,
    )
    return _save(folder, WhisperForAudioClassification, config, extractor, seed)


def maest_model(
    folder: Path, labels: Sequence[str], *, n_frames: int = 61, seed: int = 0, safetensors: bool = True
) -> Path:
    """Save a MAEST: a transformer on 96 bands whose extractor needs its own code."""
    config = ASTConfig(**_TINY, **_labelled(labels), max_length=n_frames, num_mel_bins=96)
    _save(folder, ASTForAudioClassification, config, _AST_EXTRACTOR(**_ast_shape(config)), seed)
    (folder / "preprocessor_config.json").write_text(
        '{"feature_extractor_type": "MAESTFeatureExtractor",'
        ' "auto_map": {"AutoFeatureExtractor": "feature_extraction_maest.MAESTFeatureExtractor"}}',
        encoding="utf-8",
    )
    if not safetensors:
        pickled(folder)
    return folder


def edit(file: Path, **changes: object) -> None:
    """Change entries of a JSON file."""
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changes}), encoding="utf-8")


def pickled(folder: Path) -> Path:
    """Replace a folder's safetensors by a pickle, with the names of older versions of transformers."""
    from safetensors.torch import load_file

    state = load_file(folder / "model.safetensors")
    torch.save(state, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def _labelled(labels: Sequence[str]) -> dict[str, Any]:
    return {"id2label": dict(enumerate(labels)), "label2id": {label: index for index, label in enumerate(labels)}}


def _ast_shape(config: Any) -> dict[str, int]:
    return {"max_length": config.max_length, "num_mel_bins": config.num_mel_bins}


def _save(folder: Path, network_class: Any, config: Any, extractor: Any, seed: int) -> Path:
    log: Any = transformers.utils.logging
    log.disable_progress_bar()
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = network_class(config)
            for parameter in network.parameters():
                # The library's initial weights are so small that all answers would be alike.
                torch.nn.init.normal_(parameter, std=0.3)
        network.save_pretrained(folder)
        extractor.save_pretrained(folder)
    finally:
        log.enable_progress_bar()
    return folder


#: Two spellings of one genre, and another label.
LABELS = ("Rock", "Hip-Hop", "Speech", "hip hop")
MAKERS: dict[str, Callable[[Path], Path]] = {
    "wav2vec2": lambda folder: waveform_model(folder, LABELS),
    "hubert": lambda folder: waveform_model(folder, LABELS, kind="hubert", normalises=False),
    "wavlm": lambda folder: waveform_model(folder, LABELS, kind="wavlm"),
    "ast": lambda folder: ast_model(folder, LABELS),
    "whisper": lambda folder: whisper_model(folder, LABELS),
}
