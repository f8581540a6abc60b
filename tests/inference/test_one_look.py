"""With every shipped model, all that the page shows of an upload comes from one decoding and one pass."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genre_app import GenreClassifier, Settings
from genre_app.audio import decoder, open_audio
from genre_app.audio.local_file import hash_file
from genre_app.inference import hashed_file
from genre_app.models.base import Overlapping
from genre_app.models.registry import load_model
from tests.sounds import music, write_wav


@pytest.mark.parametrize("name", ["standard", "musicnn", "cnn", "features"])
def test_an_upload_is_hashed_decoded_and_scored_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    hashed: list[Path] = []
    monkeypatch.setattr(decoder, "open_audio", partial(_noted, opened, open_audio))
    monkeypatch.setattr(hashed_file, "hash_file", partial(_noted, hashed, hash_file))
    path = write_wav(tmp_path / "song.wav", music(31, 22_050), 22_050)
    settings = Settings(cache_dir=tmp_path / "cache", device="cpu")
    backend = load_model(settings.model_copy(update={"model": name})).backend
    scoring = "begin" if isinstance(backend, Overlapping) else "score"
    batches: list[NDArray[np.float32]] = []
    monkeypatch.setattr(backend, scoring, partial(_noted, batches, getattr(backend, scoring)))
    with GenreClassifier(settings, backend=backend) as classifier:
        scored = classifier.score_file(path, keep_excerpt=True)
        complete = classifier.with_insights(scored, path)
    assert (opened, hashed) == ([path], [path])
    assert sum(map(len, batches)) == len(scored.track.starts_s)
    assert complete.facts is not None
    assert bool(complete.explanation) == (name == "features")
    assert bool(complete.track.tags) == (name in {"standard", "musicnn"})
    assert (complete.track.embedding is not None) == (name != "cnn")


def _noted(calls: list[Any], work: Callable[..., Any], first: Any, *rest: Any, **named: Any) -> Any:
    """Note the first argument of a call, and make it."""
    calls.append(first)
    return work(first, *rest, **named)
