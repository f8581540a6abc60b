from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from genre_app.models.musicnn.genre_head import MSD_TAGS, GenreHead


def test_a_head_comes_back_from_its_file(tmp_path: Path) -> None:
    head = GenreHead(("jazz", "metal"))
    head.get_buffer("temperature").fill_(0.5)
    head.to_file(tmp_path / "head.safetensors", {"seed": "0"})
    read_back = GenreHead.from_file(tmp_path / "head.safetensors")
    tags = torch.randn(3, len(MSD_TAGS))
    assert read_back.labels == ("jazz", "metal")
    assert not read_back.training
    torch.testing.assert_close(read_back(tags), head.linear(tags).detach() * 2)


@pytest.mark.parametrize("metadata", [None, {"genre_head": '{"labels": ["jazz"]}'}])
def test_other_weights_are_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"other": torch.zeros(2)}, tmp_path / "other.safetensors", metadata=metadata)
    with pytest.raises(ValueError, match=r"other\.safetensors does not"):
        GenreHead.from_file(tmp_path / "other.safetensors")


def test_there_are_fifty_different_tags() -> None:
    assert len(set(MSD_TAGS)) == 50
