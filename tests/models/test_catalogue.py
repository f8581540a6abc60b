import json
import subprocess
import sys
from pathlib import Path

import pytest

from genre_app.models.catalogue import availability, catalogue, entry_of
from genre_app.models.hub import download
from genre_app.models.registry import EMBEDDED, load_model
from genre_app.settings import Settings
from tests.models.hub.fake_hub import FILES, FakeHub
from tests.paths import ROOT

WEIGHTS = ROOT / "genre_app" / "weights"


def test_every_embedded_model_is_described_and_the_default_comes_first() -> None:
    assert {entry.name for entry in catalogue() if entry.is_embedded} >= set(EMBEDDED)
    assert catalogue()[0].name == "standard"


def test_it_says_which_models_know_what_tracks_sound_like() -> None:
    for name in EMBEDDED:
        entry = entry_of(name)
        assert entry
        assert entry.has_embedding == (load_model(Settings(model=name, device="cpu")).backend.info.n_dimensions > 0)


def test_names_are_distinct() -> None:
    names = [entry.name for entry in catalogue()]
    assert len(set(names)) == len(names)
    assert all(entry.is_embedded == (entry.hub_id is None) for entry in catalogue())


@pytest.mark.parametrize(
    ("name", "file", "keys", "split"),
    [
        ("standard", "standard", ("candidates", "both, 8 kHz too", "accuracy"), "artist-grouped 5-fold"),
        ("musicnn", "musicnn_head", ("accuracy",), "artist-grouped 5-fold cross-validation"),
        ("cnn", "cnn", ("valid", "accuracy"), "on the valid part of the fault-filtered GTZAN split"),
        ("features", "features", ("accuracy",), "on the valid part of the fault-filtered GTZAN split"),
    ],
)
def test_accuracies_are_those_that_were_measured(name: str, file: str, keys: tuple[str, ...], split: str) -> None:
    measured = json.loads((WEIGHTS / f"{file}.metrics.json").read_text())
    for key in keys:
        measured = measured[key]
    entry = entry_of(name)
    assert entry
    assert entry.accuracy.startswith(f"{100 * measured['value']:.1f} % ")
    assert split in entry.accuracy


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"accuracy": 0.8}', '{"accuracy": {"value": "high"}}'])
def test_without_its_metrics_a_model_is_listed_and_its_accuracy_is_not_known(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stem in ("standard", "musicnn_head", "cnn", "features"):
        if content is not None:
            (tmp_path / f"{stem}.metrics.json").write_text(content)
    monkeypatch.setattr("genre_app.models.catalogue.WEIGHTS_FOLDER", tmp_path)
    entries = catalogue.__wrapped__()
    assert [entry.name for entry in entries] == [entry.name for entry in catalogue()]
    assert {entry.accuracy for entry in entries if entry.name in {"standard", "musicnn", "cnn", "features"}} == {
        "Not known: the file with its measurements is missing or damaged."
    }


def test_without_metrics_files_the_app_answers() -> None:
    probe = """
import sys

def hide_metrics(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".metrics.json"):
        raise FileNotFoundError(arguments[0])

sys.addaudithook(hide_metrics)
from genre_app import GenreClassifier
from genre_app.examples import EXAMPLES
from genre_app.models.catalogue import catalogue
print(catalogue()[0].accuracy[:9])
with GenreClassifier() as classifier:
    print(classifier.classify_file(EXAMPLES[1].path).predicted_genre)
"""
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["Not known", "jazz"]


def test_models_without_a_measurement_say_so() -> None:
    others = [entry for entry in catalogue() if entry.name not in {"standard", "musicnn", "cnn", "features"}]
    assert [entry.accuracy[:12] for entry in others] == ["Not measured"] * 3
    assert not any(character.isdigit() for entry in others for character in entry.accuracy)


def test_a_licence_that_forbids_commerce_says_so() -> None:
    entry = entry_of("maest")
    assert entry
    assert entry.licence == "CC BY-NC-SA 4.0: not for commercial use"


def test_an_entry_is_found_by_both_of_its_names() -> None:
    assert entry_of("maest") is entry_of("mtg-upf/discogs-maest-30s-pw-129e") is catalogue()[-1]
    assert entry_of("someone/else") is None


def test_availability_follows_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    embedded, remote = entry_of("musicnn"), entry_of("maest")
    assert embedded
    assert remote
    assert remote.hub_id
    with FakeHub() as hub:
        for name, value in hub.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        hub.add_model(remote.hub_id, FILES)
        assert (availability(embedded, settings), availability(remote, settings)) == ("embedded", "not downloaded")
        assert hub.requests == []
        download(remote.hub_id)
    assert availability(remote, settings) == "downloaded"


def test_the_catalogue_and_the_hub_load_nothing_heavy() -> None:
    probe = (
        "import sys, genre_app.models.catalogue, genre_app.models.hub;"
        "print(*{'torch', 'transformers', 'huggingface_hub', 'httpx2', 'numpy'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
