"""Kill a process in the middle of its writes to a cache, over and over, and look at what is left.

``python -m tests.inference.kill_cache DIRECTORY ROUNDS`` forks a writer, lets it write for a few milliseconds, kills
it, and opens the cache anew; it prints how many whole entries the last round found.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from genre_app.inference.cache import ScoreCache
from genre_app.results.track_logits import TrackLogits

N_KEYS = 20
SIZE_MB = 1
#: Lengths whose entries lie in the database, and in files beside it.
LENGTHS = (5, 100, 4000)


def track_of(key: int, version: int) -> TrackLogits:
    """Make the only track that may ever be found under a key, but for its version."""
    n_patches = LENGTHS[key % len(LENGTHS)]
    logits = np.full((n_patches, 2), [key, version], np.float32)
    logits = np.hstack([logits, np.random.default_rng(key).normal(size=(n_patches, 2)).astype(np.float32)])
    starts_s = np.arange(n_patches, dtype=np.float64) * 3.0
    return TrackLogits(logits, starts_s, 3.0, 3.0 * n_patches, tuple("abcd"), "fake", "1", 44_100)


def write_forever(directory: Path, started: int, seed: int) -> None:
    dice = random.Random(seed)
    tracks = [track_of(key, seed % 2) for key in range(N_KEYS)]
    cache = ScoreCache(directory, SIZE_MB)
    os.write(started, b"!")
    while True:
        key = dice.randrange(N_KEYS)
        cache.put(str(key), tracks[key])


def kill_a_writer(directory: Path, seed: int) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write_forever(directory, writer, seed)
        finally:
            os._exit(3)
    assert os.read(reader, 1) == b"!"
    time.sleep(random.Random(seed).uniform(0.0, 0.015))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    os.close(reader)
    os.close(writer)


def check(directory: Path) -> int:
    """Check that every entry is absent or right and that new ones are taken; return how many there are."""
    cache = ScoreCache(directory, SIZE_MB)
    n_found = 0
    for key in range(N_KEYS):
        found = cache.get(str(key))
        if found is not None:
            version = int(found.logits[0, 1])
            assert version in {0, 1}
            np.testing.assert_array_equal(found.logits, track_of(key, version).logits)
            np.testing.assert_array_equal(found.starts_s, track_of(key, version).starts_s)
            n_found += 1
    cache.put("new", track_of(1, 0))
    assert cache.get("new") is not None
    assert not cache._warned
    cache.close()
    return n_found


def main() -> None:
    directory, n_rounds = Path(sys.argv[1]), int(sys.argv[2])
    n_found = 0
    for seed in range(n_rounds):
        kill_a_writer(directory, seed)
        n_found = check(directory)
    sys.stdout.write(f"{n_found}\n")


if __name__ == "__main__":
    main()
