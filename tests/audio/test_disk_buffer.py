from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from genre_app.audio.disk_buffer import DiskBuffer
from genre_app.errors import NoSpaceError
from tests.sounds import noise


def test_what_was_written_in_blocks_is_read_from_any_place() -> None:
    blocks = [noise(0.1, 8000, seed=i) for i in range(3)]
    whole = np.concatenate(blocks)
    with DiskBuffer() as buffer:
        for block in blocks:
            buffer.write(block)
        assert buffer.n_samples == len(whole)
        np.testing.assert_array_equal(buffer.read(750, 900), whole[750:1650])
        np.testing.assert_array_equal(buffer.read(0, 10), whole[:10])
        np.testing.assert_array_equal(buffer.read(2390, 100), whole[2390:])


def test_what_is_written_after_reading_is_appended() -> None:
    with DiskBuffer() as buffer:
        buffer.write(np.array([1, 2], np.float32))
        buffer.read(0, 1)
        buffer.write(np.array([3], np.float32))
        assert buffer.read(0, 9).tolist() == [1, 2, 3]


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 - the buffer closes it
    monkeypatch.setattr("tempfile.TemporaryFile", Mock(return_value=full))
    with DiskBuffer() as buffer, pytest.raises(NoSpaceError, match="disk of the app's machine is full"):
        buffer.write(np.zeros(10, np.float32))


def test_no_room_for_a_file_at_all_is_the_same_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(NoSpaceError):
        DiskBuffer()
