import json
import subprocess
import sys
from pathlib import Path

import pytest

from genre_app.models.catalogue import CATALOGUE, availability, entry_of
from genre_app.models.hub import download
from genre_app.models.registry import EMBEDDED
from tests.models.hub.fake_hub import FILES, FakeHub
from tests.paths import ROOT

WEIGHTS = ROOT / "genre_app" / "weights"


def test_every_embedded_model_is_described_and_the_default_comes_first() -> None:
    assert {entry.name for entry in CATALOGUE if entry.is_embedded} >= set(EMBEDDED)
    assert CATALOGUE[0].name == "musicnn"


def test_names_are_told_apart() -> None:
    names = [entry.name for entry in CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(entry.is_embedded == (entry.hub_id is None) for entry in CATALOGUE)


@pytest.mark.parametrize(
    ("name", "file", "keys", "split"),
    [
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


def test_what_was_not_measured_says_so() -> None:
    others = [entry for entry in CATALOGUE if entry.name not in {"musicnn", "cnn", "features"}]
    assert [entry.accuracy[:12] for entry in others] == ["Not measured"] * 3
    assert not any(character.isdigit() for entry in others for character in entry.accuracy)


def test_a_licence_that_forbids_commerce_says_so() -> None:
    entry = entry_of("maest")
    assert entry
    assert entry.licence == "CC BY-NC-SA 4.0: not for commercial use"


def test_an_entry_is_found_by_both_of_its_names() -> None:
    assert entry_of("maest") is entry_of("mtg-upf/discogs-maest-30s-pw-129e") is CATALOGUE[-1]
    assert entry_of("somebody/else") is None


def test_availability_follows_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded, remote = entry_of("musicnn"), entry_of("maest")
    assert embedded
    assert remote
    assert remote.hub_id
    with FakeHub() as hub:
        for name, value in hub.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        hub.add_model(remote.hub_id, FILES)
        assert (availability(embedded), availability(remote)) == ("embedded", "not downloaded")
        assert hub.requests == []
        download(remote.hub_id)
    assert availability(remote) == "downloaded"


def test_the_catalogue_and_the_hub_load_nothing_heavy() -> None:
    probe = (
        "import sys, genre_app.models.catalogue, genre_app.models.hub;"
        "print(*{'torch', 'transformers', 'huggingface_hub', 'httpx2', 'numpy'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
