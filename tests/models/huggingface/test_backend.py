"""Third-party models through the library's own loading code, with tiny models made on the fly."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from genre_app.errors import ModelUnavailableError
from genre_app.models.base import PatchGrid, WindowGrid
from genre_app.models.huggingface import backend as huggingface
from genre_app.models.huggingface.backend import HuggingFaceBackend
from tests.models.tiny_models import LABELS, MAKERS, edit, maest_model, pickled, waveform_model
from tests.sounds import noise

CPU = torch.device("cpu")
#: Only partly typed.
LIBRARY: Any = transformers


def load(folder: Path, *, threads: int = 2, revision: str | None = None) -> HuggingFaceBackend:
    return HuggingFaceBackend(folder, name="some/model", device=CPU, threads=threads, revision=revision)


def pieces(backend: HuggingFaceBackend, n: int) -> NDArray[np.float32]:
    """Cut noise of different loudness into windows of 1.3 s, or into patches."""
    grid = backend.grid
    n_samples = grid.patch_samples if isinstance(grid, PatchGrid) else round(1.3 * grid.sample_rate_hz)
    batch = noise(1 + n * n_samples / 16_000, 16_000)[: n * n_samples].reshape(n, n_samples)
    return batch * np.linspace(0.1, 1, n, dtype=np.float32)[:, None]


def by_the_library(folder: Path, windows: NDArray[np.float32], rate_hz: int = 16_000) -> NDArray[np.float32]:
    """Score windows one by one as in the library's documentation."""
    extractor = LIBRARY.AutoFeatureExtractor.from_pretrained(folder)
    network = LIBRARY.AutoModelForAudioClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        answers = [
            network(**extractor(window, sampling_rate=rate_hz, return_tensors="pt")).logits[0].numpy()
            for window in windows
        ]
    return np.stack(answers)


@pytest.fixture(params=MAKERS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return MAKERS[request.param](tmp_path / "model")


def test_logits_are_the_library_s_with_two_spellings_of_one_genre_joined(folder: Path) -> None:
    backend = load(folder)
    batch = pieces(backend, 3)
    expected = by_the_library(folder, batch)
    joined = np.logaddexp(expected[:, 1], expected[:, 3])
    assert backend.info.labels == ("rock", "hiphop", "Speech")
    np.testing.assert_allclose(
        backend.score(batch), np.stack([expected[:, 0], joined, expected[:, 2]], axis=1), atol=1e-5
    )


def test_a_window_s_logits_do_not_depend_on_its_company(folder: Path) -> None:
    backend = load(folder)
    batch = pieces(backend, 5)
    together = backend.score(batch)
    assert np.ptp(together, axis=0).max() > 1e-4, "the pieces differ"
    np.testing.assert_allclose(together, np.concatenate([backend.score(batch[i : i + 1]) for i in range(5)]), atol=1e-6)


def test_a_gpu_scores_the_whole_batch_with_the_same_result(folder: Path) -> None:
    """On a CPU windows run one by one; here the network gets the batch, as on a GPU."""
    backend = load(folder)
    batch = pieces(backend, 4)
    together = backend._score(torch.from_numpy(batch))
    np.testing.assert_allclose(together, backend.score(batch), atol=1e-5)


def test_a_batch_of_long_windows_is_n_windows_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = load(waveform_model(tmp_path, LABELS))
    batch = pieces(backend, 5)
    whole = backend.score(batch)
    n_windows: list[int] = []
    run = backend._pool.run

    def noting_run(module: Callable[[Tensor], Tensor], part: Tensor) -> Tensor:
        n_windows.append(len(part))
        return run(module, part)

    monkeypatch.setattr(backend._pool, "run", noting_run)
    monkeypatch.setattr(huggingface, "_MOST_SECONDS_AT_ONCE", 3)
    np.testing.assert_allclose(backend.score(batch), whole, atol=1e-6)
    assert n_windows == [2, 2, 1], "of windows of 1.3 s, two make less than 3 s"


@pytest.mark.parametrize("kind", ["wav2vec2", "hubert", "wavlm"])
def test_models_of_the_waveform_take_windows_of_one_second_to_a_minute(tmp_path: Path, kind: str) -> None:
    backend = load(waveform_model(tmp_path, LABELS, kind=kind, sample_rate_hz=8_000))
    assert backend.grid == WindowGrid(8_000, min_samples=8_000, max_samples=480_000)
    for n_samples in (8_000, 11_111):
        assert np.isfinite(backend.score(noise(2, 8_000)[None, :n_samples])).all()


def test_another_sampling_rate_reaches_the_extractor(tmp_path: Path) -> None:
    folder = waveform_model(tmp_path, ("rock", "pop"), sample_rate_hz=44_100)
    backend = load(folder)
    assert backend.grid.sample_rate_hz == 44_100
    window = noise(1.5, 44_100)[None]
    np.testing.assert_allclose(backend.score(window), by_the_library(folder, window, 44_100), atol=1e-5)


@pytest.mark.parametrize(
    ("problem_type", "activation"),
    [("multi_label_classification", "sigmoid"), ("single_label_classification", "softmax"), (None, "softmax")],
)
def test_labels_are_independent_in_multi_label_models(
    tmp_path: Path, problem_type: str | None, activation: str
) -> None:
    folder = waveform_model(tmp_path, LABELS, problem_type=problem_type)
    backend = load(folder)
    assert backend.info.activation == activation
    if activation == "sigmoid":
        batch = pieces(backend, 2)
        expected = by_the_library(folder, batch)
        np.testing.assert_allclose(backend.score(batch)[:, 1], expected[:, [1, 3]].max(axis=1), atol=1e-5)


def test_the_model_states_its_facts(tmp_path: Path) -> None:
    info = load(waveform_model(tmp_path, LABELS), revision="a1b2c3").info
    assert (info.name, info.revision, info.device, info.precision) == ("some/model", "a1b2c3", "cpu", "float32")
    assert not info.detects_music
    assert info.n_columns == 3


def test_without_a_given_revision_it_follows_weights_and_configuration(tmp_path: Path) -> None:
    models = (("a", 0), ("b", 0), ("c", 1))
    revisions = [load(waveform_model(tmp_path / name, LABELS, seed=seed)).info.revision for name, seed in models]
    assert revisions[0] == revisions[1] != revisions[2]
    edit(tmp_path / "a" / "preprocessor_config.json", do_normalize=False)
    assert load(tmp_path / "a").info.revision != revisions[0]


def drop_head(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    save_file({key: value for key, value in state.items() if "classifier" not in key}, folder / "model.safetensors")


def reshape_head(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    state["classifier.weight"] = torch.zeros(7, 8)
    save_file(state, folder / "model.safetensors")


def cut_weights(folder: Path) -> None:
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])


def poison(folder: Path) -> None:
    """Write a pickle that creates a file when it is loaded."""

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (folder / "boom",))

    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb()))


def one_class(folder: Path) -> None:
    edit(folder / "config.json", problem_type="regression")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda folder: (folder / "config.json").unlink(), r"has no config\.json"),
    "a config that is no JSON": (lambda folder: (folder / "config.json").write_text("{"), "cannot be read"),
    "a config that is a list": (lambda folder: (folder / "config.json").write_text("[]"), "damaged"),
    "an unknown architecture": (lambda folder: edit(folder / "config.json", model_type="x"), "cannot be used"),
    "a model of text": (lambda folder: edit(folder / "config.json", model_type="bert"), "cannot be used"),
    "impossible numbers": (lambda folder: edit(folder / "config.json", hidden_size=-1), "cannot be used"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "has no weights"),
    "a pickle": (pickled, "Python pickles.*safetensors"),
    "a poisoned pickle": (poison, "Python pickles.*safetensors"),
    "half the weights file": (cut_weights, "cannot be used"),
    "no head": (drop_head, "not trained to name classes"),
    "a head of another shape": (reshape_head, "cannot be used"),
    "no extractor": (lambda folder: (folder / "preprocessor_config.json").unlink(), "cannot be used"),
    "no sampling rate": (lambda folder: edit(folder / "preprocessor_config.json", sampling_rate=0), "cannot be used"),
    "an extractor of two channels": (lambda folder: edit(folder / "preprocessor_config.json", feature_size=2), "kind"),
    "no classes": (one_class, "does not choose between classes"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_fault_of_a_folder_is_one_sentence(
    tmp_path: Path, damage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = waveform_model(tmp_path / "model", LABELS)
    capfd.readouterr()
    spoil, message = DAMAGES[damage]
    spoil(folder)
    with pytest.raises(ModelUnavailableError, match=message) as caught:
        load(folder)
    assert "some/model" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (folder / "boom").exists()
    assert capfd.readouterr() == ("", ""), "the library's own messages are for developers"


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="is not there"):
        load(tmp_path / "nothing")


def test_a_folder_s_own_code_is_never_run(tmp_path: Path) -> None:
    folder = maest_model(tmp_path / "model", ("Rock---Mod", "Jazz---Bop"))
    (folder / "feature_extraction_maest.py").write_text(f"open({str(tmp_path / 'boom')!r}, 'w')", encoding="utf-8")
    with pytest.raises(ModelUnavailableError, match="of a kind that this app does not run"):
        load(folder)
    assert not (tmp_path / "boom").exists()
