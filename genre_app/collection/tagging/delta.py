"""What it takes to make the earlier version of a file out of the later one: a compact record for undoing a change.

Tags are written in front of the sound, behind it, or into the middle; the sound stays as it is but may move, and the
pages of an Ogg file get other numbers. So the earlier version is mostly stretches of the later one, moved by a few
distances.
"""

import base64
import hashlib
import mmap
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

#: Stretches that are shorter cost more to describe than to keep.
_SHORTEST_BYTES: Final = 24
_BLOCK_BYTES: Final = 1 << 20
#: Samples of the earlier version that are looked for in the later one, to find by how much it moved.
_N_PROBES: Final = 32
_PROBE_BYTES: Final = 64
_N_DISTANCES: Final = 4


class Delta(BaseModel):
    """A recipe for the earlier version of a file.

    Attributes
    ----------
    steps : tuple of (int or None, int)
        In the order of the earlier version: where a stretch starts in the later version (None: in `literal`, where the
        last one stopped), and its length in bytes.
    literal : str
        What the later version does not have: compressed with zlib, in Base64.
    """

    model_config = ConfigDict(frozen=True)

    steps: tuple[tuple[int | None, int], ...]
    literal: str

    @classmethod
    def between(cls, earlier: Path, later: Path) -> "Delta":
        """Compare two files."""
        steps: list[tuple[int | None, int]] = []
        literal = bytearray()
        with earlier.open("rb") as old_file, later.open("rb") as new_file:
            old, new = _mapped(old_file), _mapped(new_file)
            for start, length, place in _stretches(old, new):
                if start is None:
                    literal += old[place : place + length]
                if steps and _goes_on(steps[-1], start):
                    steps[-1] = (steps[-1][0], steps[-1][1] + length)
                else:
                    steps.append((start, length))
        return cls(steps=tuple(steps), literal=base64.b64encode(zlib.compress(bytes(literal))).decode())

    def restore(self, later: Path, target: Path) -> str:
        """Write the earlier version, and return its SHA-256."""
        literal = memoryview(zlib.decompress(base64.b64decode(self.literal)))
        digest = hashlib.sha256()
        with later.open("rb") as source, target.open("wb") as file:
            for start, length in self.steps:
                if start is None:
                    blocks: Iterator[bytes | memoryview] = iter([literal[:length]])
                    literal = literal[length:]
                else:
                    source.seek(start)
                    blocks = (source.read(min(_BLOCK_BYTES, length - n)) for n in range(0, length, _BLOCK_BYTES))
                for block in blocks:
                    file.write(block)
                    digest.update(block)
        return digest.hexdigest()


def _mapped(file: BinaryIO) -> mmap.mmap:
    """Return a file's bytes without reading it whole; the map ends with the last view of it."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _stretches(old: mmap.mmap, new: mmap.mmap) -> Iterator[tuple[int | None, int, int]]:
    """Yield where each stretch of the old version starts in the new one, its length, and its place in the old one."""
    before, after = np.frombuffer(old, np.uint8), np.frombuffer(new, np.uint8)
    distances = _distances(old, new)
    for block in range(0, len(old), _BLOCK_BYTES):
        place, stop = block, min(block + _BLOCK_BYTES, len(old))
        equal = (stretch for distance in distances for stretch in _equal(before, after, block, stop, distance))
        for start, end, distance in sorted(equal, key=lambda stretch: (stretch[0], -stretch[1])):
            if end - max(start, place) < _SHORTEST_BYTES:
                continue
            if start > place:
                yield None, start - place, place
                place = start
            yield place + distance, end - place, place
            place = end
        if place < stop:
            yield None, stop - place, place


def _distances(old: mmap.mmap, new: mmap.mmap) -> list[int]:
    """Return by how much parts of the file may have moved: not at all, as its end has, and as samples have."""
    found: Counter[int] = Counter()
    for place in range(0, len(old) - _PROBE_BYTES, max(1, len(old) // _N_PROBES)):
        there = new.find(old[place : place + _PROBE_BYTES])
        if there >= 0:
            found[there - place] += 1
    likely = [distance for distance, _ in found.most_common(_N_DISTANCES)]
    return list(dict.fromkeys([0, len(new) - len(old), *likely]))


def _equal(
    old: NDArray[np.uint8], new: NDArray[np.uint8], start: int, stop: int, distance: int
) -> list[tuple[int, int, int]]:
    """Return where the two are the same, moved by this distance, for long enough: starts, stops, and the distance."""
    first, last = max(start, -distance), min(stop, len(new) - distance)
    if last - first < _SHORTEST_BYTES:
        return []
    differs = np.flatnonzero(old[first:last] != new[first + distance : last + distance])
    edges = np.concatenate([[-1], differs, [last - first]])
    is_long = np.diff(edges) > _SHORTEST_BYTES
    starts, stops = edges[:-1][is_long] + 1 + first, edges[1:][is_long] + first
    return [(int(a), int(b), distance) for a, b in zip(starts, stops, strict=True)]


def _goes_on(step: tuple[int | None, int], start: int | None) -> bool:
    before, length = step
    return start == (None if before is None else before + length)
