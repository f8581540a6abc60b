"""What a track can be asked beyond its genre: facts and reasons, found on demand and kept on disk."""

import json
import threading
from pathlib import Path

from genre_app.audio import open_audio
from genre_app.errors import InvalidOptionError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.feeding import until
from genre_app.inference.framing import PatchCutter
from genre_app.models.base import Backend, Explaining, PatchGrid
from genre_app.music.facts import REVISION, SAMPLE_RATE_HZ, compute_facts, middle_of_stream
from genre_app.results.schema import TrackFacts


class Insights:
    """Facts about files, and reasons for a genre where the model can give them.

    Parameters
    ----------
    backend : Backend
        The model that names genres.
    cache : ScoreCache or None
        Where answers are kept.
    max_minutes : float
        Longest track that is accepted.
    """

    def __init__(self, backend: Backend, cache: ScoreCache | None, *, max_minutes: float) -> None:
        self._backend = backend
        self._cache = cache
        self._max_minutes = max_minutes

    def facts(self, path: Path, content: str, cancel: threading.Event) -> TrackFacts:
        """Return tempo, key and chords of a file whose content has the hash ``content``."""
        if known := self.known_facts(content):
            return known
        with open_audio(path, SAMPLE_RATE_HZ, max_minutes=self._max_minutes) as stream:
            audio = middle_of_stream(until(cancel, stream), stream.info.duration_s)
        facts = compute_facts(audio)
        if self._cache:
            self._cache.put_text(_facts_key(content), facts.model_dump_json())
        return facts

    def known_facts(self, content: str) -> TrackFacts | None:
        """Look up tempo, key and chords of a file; None where the cache does not hold them."""
        known = self._cache.get_text(_facts_key(content)) if self._cache else None
        return None if known is None else TrackFacts.model_validate_json(known)

    def reasons(self, path: Path, content: str, label: str, cancel: threading.Event) -> list[str]:
        """Return what spoke for a label in a file, the strongest reason first; empty where the model cannot tell."""
        backend = self._backend
        if label not in backend.info.labels:
            raise InvalidOptionError(f"The model knows no genre called {label!r}.")
        grid = backend.grid
        if not isinstance(backend, Explaining) or not isinstance(grid, PatchGrid):
            return []
        known = self.known_reasons(content, label)
        if known is not None:
            return known
        with open_audio(path, grid.sample_rate_hz, max_minutes=self._max_minutes) as stream:
            reasons = backend.explain(PatchCutter(grid).cut(until(cancel, stream)), label)
        if self._cache:
            self._cache.put_text(self._reasons_key(content, label), json.dumps(reasons))
        return reasons

    def known_reasons(self, content: str, label: str) -> list[str] | None:
        """Look up what spoke for a label in a file; None where the cache does not hold it."""
        known = self._cache.get_text(self._reasons_key(content, label)) if self._cache else None
        return None if known is None else [str(reason) for reason in json.loads(known)]

    def _reasons_key(self, content: str, label: str) -> str:
        model = self._backend.info
        return f"{content}:reasons:{model.name}:{model.revision}:{label}"


def _facts_key(content: str) -> str:
    return f"{content}:facts:{REVISION}"
