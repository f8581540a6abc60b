import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genre_app.backends.features import FeaturesBackend
from genre_app.backends.registry import load_model
from genre_app.backends.tagging import MusicnnBackend
from genre_app.errors import DeviceUnavailableError, ModelUnavailableError
from genre_app.labels import GENRES
from genre_app.settings import Settings

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "genre_app" / "weights"


@pytest.mark.parametrize("name", ["auto", "musicnn"])
def test_the_embedded_model_is_there_and_knows_the_ten_genres(name: str) -> None:
    loaded = load_model(Settings(model=name, device="cpu", threads=1))
    assert loaded.backend.info.name == "musicnn"
    assert sorted(loaded.backend.info.labels) == sorted(GENRES)
    assert loaded.fallback_reason is None


def test_settings_reach_the_model() -> None:
    backend = load_model(Settings(device="cpu", threads=3, precision="bfloat16")).backend
    assert backend.info.precision == "bfloat16"
    assert backend.batching.max_patches % 3 == 0


def test_an_unknown_model_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        ModelUnavailableError, match=r"no model called 'whisper'; choose one of: auto, musicnn, features"
    ):
        load_model(Settings(model="whisper"))


def test_a_device_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(DeviceUnavailableError):
        load_model(Settings(device="cuda"))


def test_features_is_there_and_needs_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    loaded = load_model(Settings(model="features", device="cuda"))
    assert (loaded.backend.info.name, loaded.backend.info.device) == ("features", "cpu")
    assert loaded.backend.info.labels == GENRES
    assert loaded.fallback_reason is None


def _use_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both models read their weights from a folder."""

    def musicnn(*args: object, **options: object) -> MusicnnBackend:
        return MusicnnBackend(*args, **options, weights=folder)  # type: ignore[arg-type]

    monkeypatch.setattr("genre_app.backends.tagging.MusicnnBackend", musicnn)
    monkeypatch.setattr("genre_app.backends.features.FeaturesBackend", lambda: FeaturesBackend(weights=folder))


def _damage(folder: Path, damage: str) -> None:
    for file in WEIGHTS.glob("*.safetensors"):
        content = {"empty": b"", "cut off": file.read_bytes()[:1000], "something else": b"\x02" + bytes(7) + b"{}"}
        if damage != "missing":
            (folder / file.name).write_bytes(content[damage])


@pytest.mark.parametrize("model", ["auto", "musicnn", "features"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "something else"])
def test_damaged_weights_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, model: str
) -> None:
    _damage(tmp_path, damage)
    _use_weights(tmp_path, monkeypatch)
    name = "features" if model == "features" else "musicnn"
    with pytest.raises(ModelUnavailableError, match=f"The files of the model {name} are missing or damaged"):
        load_model(Settings(model=model, device="cpu"))


def test_auto_falls_back_to_features_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(WEIGHTS / "features.safetensors", tmp_path)
    _use_weights(tmp_path, monkeypatch)
    loaded = load_model(Settings(device="cpu"))
    assert loaded.backend.info.name == "features"
    assert loaded.fallback_reason is not None
    assert "musicnn could not be started" in loaded.fallback_reason


def test_auto_does_not_hide_a_device_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(DeviceUnavailableError):
        load_model(Settings(model="auto", device="cuda"))


def test_without_torch_the_whole_app_answers_with_features(tmp_path: Path) -> None:
    probe = (
        "import sys; sys.modules['torch'] = None\n"
        "from genre_app import GenreClassifier, Settings\n"
        "with GenreClassifier(Settings(cache_mb=0)) as classifier:\n"
        "    print(classifier.model.name)\n"
        "try: GenreClassifier(Settings(model='musicnn', cache_mb=0))\n"
        "except Exception as error: print(type(error).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["features", "ModelUnavailableError"]
