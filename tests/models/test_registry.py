import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from genre_app.errors import DeviceUnavailableError, ModelNotHereError, ModelUnavailableError
from genre_app.genres import GENRES
from genre_app.models.features.backend import FeaturesBackend
from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.registry import PREFERRED, load_model
from genre_app.models.standard.backend import StandardBackend
from genre_app.settings import Settings
from tests.models import tiny_models
from tests.paths import ROOT

WEIGHTS = ROOT / "genre_app" / "weights"


@pytest.fixture(autouse=True)
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache in this test, empty at first."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def in_hub_cache(folder: Path, model_id: str, cache: Path) -> None:
    """Copy a saved model to where a download would put it."""
    commit = "5" * 40
    place = cache / f"models--{model_id.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / commit)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(commit)


def test_the_embedded_model_scores_the_ten_genres() -> None:
    loaded = load_model(Settings(model="standard", device="cpu", threads=1))
    assert loaded.backend.info.name == "standard"
    assert sorted(loaded.backend.info.labels) == sorted(GENRES)
    assert loaded.fallback_reason is None


def test_auto_is_the_embedded_model_without_the_preferred_one_and_says_so() -> None:
    loaded = load_model(Settings(device="cpu", threads=1))
    assert loaded.backend.info.name == "standard"
    assert loaded.fallback_reason == (
        "The model storylinez/audio-genre-classifier is not on this machine, so the app's own model standard answers."
    )


def test_auto_takes_the_preferred_model_from_the_hub_s_cache(tmp_path: Path, hub_cache: Path) -> None:
    in_hub_cache(tiny_models.waveform_model(tmp_path / "saved", GENRES), PREFERRED, hub_cache)
    loaded = load_model(Settings(device="cpu", threads=1))
    assert (loaded.backend.info.name, loaded.backend.info.labels) == (PREFERRED, GENRES)
    assert loaded.fallback_reason is None


def test_auto_says_what_is_wrong_with_the_preferred_model(tmp_path: Path, hub_cache: Path) -> None:
    folder = tiny_models.waveform_model(tmp_path / "saved", GENRES)
    (folder / "model.safetensors").write_bytes(b"not weights")
    in_hub_cache(folder, PREFERRED, hub_cache)
    loaded = load_model(Settings(device="cpu", threads=1))
    assert loaded.backend.info.name == "standard"
    assert loaded.fallback_reason is not None
    assert PREFERRED in loaded.fallback_reason
    assert loaded.fallback_reason.endswith("Until then the app's own model standard answers.")


def test_auto_decides_without_asking_any_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that cannot be reached would cost seconds; whoever looks for one here is noted."""
    asked: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        asked.append(arguments)
        raise OSError("no network")

    for way in ("socket.socket.connect", "socket.socket.connect_ex", "socket.getaddrinfo", "socket.create_connection"):
        monkeypatch.setattr(way, refuse)
    load_model(Settings(device="cpu", threads=1))
    assert asked == []


def test_a_model_of_the_hub_answers_under_its_name(tmp_path: Path, hub_cache: Path) -> None:
    in_hub_cache(tiny_models.ast_model(tmp_path / "saved", ["Hip-Hop", "Polka"]), "some/polka", hub_cache)
    info = load_model(Settings(model="some/polka", device="cpu", threads=1)).backend.info
    assert (info.name, info.labels) == ("some/polka", ("hiphop", "Polka"))


def test_a_model_of_the_hub_that_is_not_downloaded_is_one_sentence() -> None:
    with pytest.raises(ModelNotHereError, match="The model some/polka is not on this machine"):
        load_model(Settings(model="some/polka"))


def test_maest_is_recognised_by_its_labels(tmp_path: Path, hub_cache: Path) -> None:
    parents = tomllib.loads((ROOT / "tests" / "models" / "maest" / "discogs_styles.toml").read_text(encoding="utf-8"))
    styles = [f"{parent}---{style}" for parent, children in parents.items() for style in children]
    folder = tiny_models.maest_model(tmp_path / "saved", styles)
    in_hub_cache(folder, "mtg-upf/discogs-maest-30s-pw-129e", hub_cache)
    info = load_model(Settings(model="maest", device="cpu", threads=1)).backend.info
    assert info.name == "maest"
    assert info.labels == (*GENRES, "other")
    assert len(info.tags) == 400
    assert info.detects_music


def test_a_folder_is_a_model_too_and_results_do_not_contain_its_path(tmp_path: Path) -> None:
    folder = tiny_models.waveform_model(tmp_path / "mine", ["calm", "wild"])
    info = load_model(Settings(model=str(folder), device="cpu", threads=1)).backend.info
    assert (info.name, info.labels) == ("mine", ("calm", "wild"))


def test_the_tags_are_loaded() -> None:
    info = load_model(Settings(model="tags", device="cpu", threads=1)).backend.info
    assert info.activation == "sigmoid"
    assert {"guitar", "happy", "harpsichord"} <= set(info.labels)


def test_settings_reach_the_model() -> None:
    backend = load_model(Settings(device="cpu", threads=3, precision="bfloat16")).backend
    assert backend.info.precision == "bfloat16"
    assert backend.batching.max_patches % 3 == 0


def test_an_unknown_model_is_refused_with_a_list_of_known_ones() -> None:
    known = "auto, standard, musicnn, features, cnn, tags, a model of Hugging"
    with pytest.raises(ModelUnavailableError, match=f"no model called 'whisper'; choose one of: {known}"):
        load_model(Settings(model="whisper"))


def test_a_missing_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(DeviceUnavailableError):
        load_model(Settings(device="cuda"))


def test_features_needs_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    loaded = load_model(Settings(model="features", device="cuda"))
    assert (loaded.backend.info.name, loaded.backend.info.device) == ("features", "cpu")
    assert loaded.backend.info.labels == GENRES
    assert loaded.fallback_reason is None


def _use_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the models read their weights from a folder."""

    def standard(*args: object, **options: object) -> StandardBackend:
        return StandardBackend(*args, **options, weights=folder)  # type: ignore[arg-type]

    def musicnn(*args: object, **options: object) -> MusicnnBackend:
        return MusicnnBackend(*args, **options, weights=folder)  # type: ignore[arg-type]

    monkeypatch.setattr("genre_app.models.standard.backend.StandardBackend", standard)
    monkeypatch.setattr("genre_app.models.musicnn.backend.MusicnnBackend", musicnn)
    monkeypatch.setattr("genre_app.models.features.backend.FeaturesBackend", lambda: FeaturesBackend(weights=folder))


def _damage(folder: Path, damage: str) -> None:
    for file in WEIGHTS.glob("*.safetensors"):
        content = {"empty": b"", "cut off": file.read_bytes()[:1000], "something else": b"\x02" + bytes(7) + b"{}"}
        if damage != "missing":
            (folder / file.name).write_bytes(content[damage])


@pytest.mark.parametrize("model", ["auto", "standard", "musicnn", "features"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut off", "something else"])
def test_damaged_weights_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, model: str
) -> None:
    _damage(tmp_path, damage)
    _use_weights(tmp_path, monkeypatch)
    name = "standard" if model == "auto" else model
    with pytest.raises(ModelUnavailableError, match=f"The files of the model {name} are missing or damaged"):
        load_model(Settings(model=model, device="cpu"))


def test_auto_falls_back_to_features_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(WEIGHTS / "features.safetensors", tmp_path)
    _use_weights(tmp_path, monkeypatch)
    loaded = load_model(Settings(device="cpu"))
    assert loaded.backend.info.name == "features"
    assert loaded.fallback_reason is not None
    assert "standard are missing or damaged" in loaded.fallback_reason
    assert "Until then the simpler model features answers" in loaded.fallback_reason


def test_auto_does_not_hide_a_missing_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(DeviceUnavailableError):
        load_model(Settings(model="auto", device="cuda"))


def test_without_torch_the_app_answers_with_features(tmp_path: Path) -> None:
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
