"""From the later version of a file back to the earlier one, and how little that takes."""

from pathlib import Path

import numpy as np
import pytest

from genre_app.collection.tagging.delta import Delta
from genre_app.collection.tagging.undo import FileState

SOUND = np.random.default_rng(0).bytes(3_000_000)
PICTURE = np.random.default_rng(1).bytes(400_000)


def pages(first: int) -> bytes:
    """Number pages of 4 kB, as an Ogg file does."""
    return b"".join((first + i).to_bytes(4) + SOUND[i * 4096 : (i + 1) * 4096] for i in range(700))


@pytest.mark.parametrize(
    ("earlier", "later", "most_bytes"),
    [
        (b"old" + SOUND, b"newer" * 50 + SOUND, 300),
        (b"old" + SOUND + b"old end", b"newer" * 50 + SOUND + b"another end", 300),
        (SOUND, SOUND + b"end", 200),
        (b"head" + PICTURE + SOUND + b"foot", b"new head" + SOUND[:9] + PICTURE + bytes(500) + SOUND, 400),
        (pages(7), b"header" * 800 + pages(9), 60_000),
        (bytes(2_000_000), bytes(1_000_000) + b"x" + bytes(1_200_000), 400),
        (b"short", b"another", 200),
        (SOUND[:100_000], PICTURE, 140_000),
    ],
    ids=["front", "both ends", "end", "picture", "pages", "silence", "short", "nothing in common"],
)
def test_the_earlier_version_comes_back(tmp_path: Path, earlier: bytes, later: bytes, most_bytes: int) -> None:
    old, new, restored = (tmp_path / name for name in ("old", "new", "restored"))
    old.write_bytes(earlier)
    new.write_bytes(later)
    delta = Delta.model_validate_json(Delta.between(old, new).model_dump_json())
    assert delta.restore(new, restored) == FileState.of(old).sha256
    assert restored.read_bytes() == earlier
    assert len(delta.model_dump_json()) < most_bytes
