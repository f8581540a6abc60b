"""Worker processes where they pay, the app's own threads elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genre_app import GenreClassifier, Settings
from genre_app.audio.decoder import Decoder, InProcessDecoder
from genre_app.audio.worker_pool import WorkerPool
from genre_app.inference.decoder_choice import decoder_for, decoders_at_once
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import noise, write_wav


@contextmanager
def chosen(device: str, **settings: object) -> Iterator[Decoder]:
    decoder = decoder_for(Settings.model_validate(settings), device)
    yield decoder
    decoder.close()


@pytest.mark.parametrize(("device", "threads", "n"), [("cpu", 1, 1), ("cpu", 2, 1), ("cpu", 8, 4), ("cuda", 8, 8)])
def test_where_the_network_needs_the_cores_half_of_them_decode(device: str, threads: int, n: int) -> None:
    assert decoders_at_once(device, threads) == n


@pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")
@pytest.mark.parametrize(
    ("device", "settings", "kind"),
    [
        ("cpu", {"threads": 2}, InProcessDecoder),
        ("cpu", {"threads": 4}, WorkerPool),
        ("cuda", {"threads": 2}, WorkerPool),
        ("cuda", {"threads": 1}, InProcessDecoder),
        ("cuda", {"threads": 8, "decoders": 0}, InProcessDecoder),
        ("cpu", {"threads": 1, "decoders": 1}, WorkerPool),
    ],
)
def test_workers_are_for_several_tracks_at_once(device: str, settings: dict[str, int], kind: type[Decoder]) -> None:
    with chosen(device, **settings) as decoder:
        assert isinstance(decoder, kind)


def test_on_a_zerogpu_space_there_are_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    with chosen("cuda", threads=8) as decoder:
        assert isinstance(decoder, InProcessDecoder)


@pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")
def test_a_classifier_says_the_same_with_workers_and_without(tmp_path: Path) -> None:
    track = write_wav(tmp_path / "song.wav", noise(20, 22_050), 22_050)
    answers = []
    for decoders in (0, 2):
        settings = Settings(cache_mb=0, decoders=decoders)
        with GenreClassifier(settings, backend=FakeBackend()) as classifier:
            scored = classifier.score_file(track, keep_excerpt=True)
            answers.append((scored.track.logits.tolist(), classifier.with_insights(scored, track).facts))
    assert answers[0] == answers[1]
    assert len(answers[0][0]) == 20 * RATE_HZ // RATE_HZ
