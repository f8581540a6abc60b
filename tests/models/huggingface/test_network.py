"""Precision, batches, and the library's log messages while it loads."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import BatchPolicy, PatchGrid
from genre_app.models.huggingface.front_end import load_front_end
from genre_app.models.huggingface.network import Transformer, batch_policy, load_network, number_type, unusable
from tests.models.tiny_models import LABELS, MAKERS, waveform_model
from tests.sounds import noise

CPU = torch.device("cpu")
#: Only partly typed.
LIBRARY: Any = transformers


def test_a_cpu_gets_a_window_a_core_and_a_gpu_a_batch_that_waits_a_little() -> None:
    assert batch_policy(CPU, threads=3) == BatchPolicy(3)
    gpu = batch_policy(torch.device("cuda"), threads=3)
    assert (gpu.max_patches, gpu.max_wait_s > 0) == (16, True)


@pytest.mark.parametrize("expected", [torch.bfloat16, torch.float16])
def test_a_gpu_multiplies_in_the_half_precision_that_it_has(
    monkeypatch: pytest.MonkeyPatch, expected: torch.dtype
) -> None:
    has_bfloat16 = expected == torch.bfloat16
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has_bfloat16)
    assert number_type(torch.device("cuda")) == expected
    assert number_type(CPU) == torch.float32


@pytest.mark.parametrize("kind", MAKERS)
def test_half_precision_is_stated_and_scores_nearly_the_same(tmp_path: Path, kind: str) -> None:
    folder = MAKERS[kind](tmp_path)
    network: Any = load_network(folder, name=kind)
    front_end = load_front_end(folder, network.config, name=kind)
    n_samples = front_end.grid.patch_samples if isinstance(front_end.grid, PatchGrid) else 20_000
    features = front_end(torch.from_numpy(noise(2, 16_000)[None, :n_samples]))
    with torch.inference_mode():
        exact = Transformer(network, CPU, torch.float32)(features)
        half = Transformer(network, CPU, torch.bfloat16)
        logits = half(features)
    assert half.precision == "bfloat16"
    assert logits.dtype == torch.float32
    assert 0 < (logits - exact).abs().max() < 0.1


def test_the_network_is_frozen(tmp_path: Path) -> None:
    network = Transformer(load_network(waveform_model(tmp_path, LABELS), name="some/model"), CPU, torch.float32)
    assert not any(module.training for module in network.network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_loading_restores_the_library_s_verbosity(tmp_path: Path) -> None:
    log: Any = LIBRARY.utils.logging
    before = log.get_verbosity(), log.is_progress_bar_enabled()
    inside = []

    def fail() -> None:
        with unusable("some/model"):
            inside.append((log.get_verbosity(), log.is_progress_bar_enabled()))
            raise RecursionError

    with pytest.raises(ModelUnavailableError, match="some/model cannot be used"):
        fail()
    assert inside == [(logging.CRITICAL, False)]
    assert (log.get_verbosity(), log.is_progress_bar_enabled()) == before
