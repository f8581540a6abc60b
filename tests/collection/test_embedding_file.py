"""The file of embeddings: what is appended comes back, whatever happens to the process that writes."""

from pathlib import Path

import numpy as np
import pytest

from genre_app.collection.embedding_file import (
    EMBEDDINGS_NAME,
    EmbeddingFile,
    EmbeddingModel,
    model_of,
    read_embeddings,
)
from genre_app.errors import OutputError
from genre_app.results.embedding import COURSE_POINTS, TrackEmbedding

MODEL = EmbeddingModel(model="fake", revision="1", n_dimensions=5)
TRACKS = ("a.mp3", "Ünï/b\u2028c.flac", "d.ogg")


def embedding(seed: int) -> TrackEmbedding:
    random = np.random.default_rng(seed)
    vector = random.normal(size=MODEL.n_dimensions)
    course = random.integers(256, size=COURSE_POINTS).astype(np.uint8)
    return TrackEmbedding((vector / np.linalg.norm(vector)).astype(np.float32), 100.5 + seed, course)


def written(folder: Path, tracks: tuple[str, ...] = TRACKS) -> EmbeddingFile:
    file = EmbeddingFile(folder, MODEL)
    for seed, track in enumerate(tracks):
        file.append(track, embedding(seed))
    return file


def test_tracks_come_back_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    written(tmp_path)
    table = read_embeddings(tmp_path, [TRACKS[2], "not there.mp3", TRACKS[0], TRACKS[1]])
    assert table.tracks == (TRACKS[2], TRACKS[0], TRACKS[1])
    for row, seed in enumerate((2, 0, 1)):
        np.testing.assert_allclose(table.vectors[row], embedding(seed).vector, atol=1e-3)
        np.testing.assert_array_equal(table.courses[row], embedding(seed).course)
        assert table.durations_s[row] == embedding(seed).duration_s
    np.testing.assert_allclose(np.linalg.norm(table.vectors, axis=1), 1.0, atol=1e-6)


def test_of_a_track_done_twice_the_last_row_counts(tmp_path: Path) -> None:
    written(tmp_path)
    EmbeddingFile(tmp_path, MODEL).append(TRACKS[0], embedding(7))
    table = read_embeddings(tmp_path, TRACKS)
    assert len(table) == 3
    assert table.durations_s[0] == embedding(7).duration_s


def test_a_track_without_sound_has_a_row_and_no_embedding(tmp_path: Path) -> None:
    written(tmp_path).append(TRACKS[1], None)
    assert read_embeddings(tmp_path, TRACKS).tracks == (TRACKS[0], TRACKS[2])
    again = EmbeddingFile(tmp_path, MODEL)
    assert [again.had(track) for track in (*TRACKS, "new.mp3")] == [True, True, True, False]


@pytest.mark.parametrize("n_cut", [1, 50, 97])
def test_a_row_that_a_kill_left_unfinished_is_cut_off(tmp_path: Path, n_cut: int) -> None:
    written(tmp_path)
    path = tmp_path / EMBEDDINGS_NAME
    path.write_bytes(path.read_bytes()[:-n_cut])
    assert read_embeddings(tmp_path, TRACKS).tracks == TRACKS[:2]
    EmbeddingFile(tmp_path, MODEL).append(TRACKS[2], embedding(2))
    assert read_embeddings(tmp_path, TRACKS).tracks == TRACKS


def test_a_damaged_row_is_left_out(tmp_path: Path) -> None:
    written(tmp_path)
    path = tmp_path / EMBEDDINGS_NAME
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    assert read_embeddings(tmp_path, TRACKS).tracks == TRACKS[:2]


def test_embeddings_of_another_model_are_dropped(tmp_path: Path) -> None:
    written(tmp_path)
    newer = MODEL.model_copy(update={"revision": "2"})
    EmbeddingFile(tmp_path, newer)
    assert model_of(tmp_path) == newer
    assert len(read_embeddings(tmp_path, TRACKS)) == 0


@pytest.mark.parametrize("content", [b"", b"rubbish", b"{}" + b" " * 600, b'{"format": "x"}' + b" " * 600])
def test_something_else_under_its_name_is_no_file_of_embeddings(tmp_path: Path, content: bytes) -> None:
    (tmp_path / EMBEDDINGS_NAME).write_bytes(content)
    assert model_of(tmp_path) is None
    assert len(read_embeddings(tmp_path, TRACKS)) == 0
    written(tmp_path)
    assert read_embeddings(tmp_path, TRACKS).tracks == TRACKS


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        EmbeddingFile(tmp_path / "gone", MODEL)
