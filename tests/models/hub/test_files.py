"""The files that make a model: safetensors, whole or split; a pickle only where the deployer pinned it."""

import json
from pathlib import Path

import pytest

from genre_app.errors import UnsuitableModelError
from genre_app.models.hub import download, find_all_local, find_local
from tests.models.hub.fake_hub import FILES, ID, NOT_WANTED, WEIGHTS, FakeHub


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({name: FILES[name] for name in FILES if name != "config.json"}, "it has no file config.json"),
        ({name: FILES[name] for name in FILES if name != "preprocessor_config.json"}, "no file preprocessor_config"),
        ({name: FILES[name] for name in FILES if name != WEIGHTS} | NOT_WANTED, "no weights in the safetensors format"),
        (FILES | {"config.json": b'{"architectures": ["LlamaForCausalLM"]}'}, "sorts sounds into classes"),
        (FILES | {"config.json": b"[]"}, "config.json cannot be read"),
        (FILES | {"config.json": b"{"}, "config.json cannot be read"),
        ({}, "it has no file config.json"),
    ],
)
def test_other_models_are_refused_before_their_weights_are_fetched(
    hub: FakeHub, files: dict[str, bytes], says: str
) -> None:
    hub.add_model("someone/else", files)
    with pytest.raises(UnsuitableModelError, match=says):
        download("someone/else")
    assert WEIGHTS not in hub.names_fetched


def test_split_weights_count_only_when_complete(hub: FakeHub, tmp_path: Path) -> None:
    names = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    index = json.dumps({"weight_map": {"a": names[0], "b": names[1]}}).encode()
    described = {name: FILES[name] for name in FILES if name != WEIGHTS}
    weights = {name: name.encode() for name in names}
    hub.add_model(ID, described | weights | {"model.safetensors.index.json": index})
    folder = download(ID)
    assert {file.name for file in folder.iterdir()} == {*described, *weights, "model.safetensors.index.json"}
    assert find_local(ID) == folder
    (folder / names[1]).unlink()
    assert find_local(ID) is None


def test_an_index_cannot_name_files_outside(hub: FakeHub, tmp_path: Path) -> None:
    described = {name: FILES[name] for name in FILES if name != WEIGHTS}
    index = json.dumps({"weight_map": {"a": "../../../stray.safetensors"}}).encode()
    hub.add_model(ID, described | {"model.safetensors.index.json": index, "../../../stray.safetensors": b"x"})
    with pytest.raises(UnsuitableModelError, match=r"index\.json cannot be read"):
        download(ID)
    assert list(tmp_path.rglob("stray*")) == []


def test_pickles_are_used_only_for_maest_and_at_the_given_commit(hub: FakeHub) -> None:
    maest = "mtg-upf/discogs-maest-30s-pw-129e"
    files = {name: FILES[name] for name in FILES if name != WEIGHTS} | {"pytorch_model.bin": b"a pickle"}
    commit = hub.add_model(maest, files)
    with pytest.raises(UnsuitableModelError, match="safetensors"):
        download(maest)
    folder = download(maest, maest_revision=commit)
    assert (folder / "pytorch_model.bin").read_bytes() == b"a pickle"
    assert find_local(maest, maest_revision=commit) == find_local(maest, commit, maest_revision=commit) == folder
    assert find_all_local(maest_revision=commit) == (maest,)
    assert find_local(maest, commit) is None
    assert find_local(maest, maest_revision="0" * 40) is None
    assert find_all_local() == ()
    other = hub.add_model(ID, files)
    with pytest.raises(UnsuitableModelError, match="safetensors"):
        download(ID, maest_revision=other)
