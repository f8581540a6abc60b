"""Facts (tempo, key, chords) and reasons for the genre: computed on demand and cached."""

import json
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.decoder import Decoder
from genre_app.errors import InvalidOptionError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.feeding import until
from genre_app.inference.framing import PatchCutter
from genre_app.models.base import Backend, Explaining, PatchGrid
from genre_app.music.facts import REVISION, SAMPLE_RATE_HZ, MiddleExcerpt, compute_facts
from genre_app.results.schema import TrackFacts


class Insights:
    """Computes facts about files, and reasons for a genre if the model can explain itself.

    Parameters
    ----------
    backend : Backend
        The model that names genres.
    cache : ScoreCache or None
        Keeps the answers.
    decoder : Decoder
        Opens the files.
    """

    def __init__(self, backend: Backend, cache: ScoreCache | None, decoder: Decoder) -> None:
        self._backend = backend
        self._cache = cache
        self._decoder = decoder

    def facts(
        self,
        path: Path,
        audio_sha256: str,
        cancel: threading.Event,
        *,
        excerpt: NDArray[np.float32] | None = None,
    ) -> TrackFacts:
        """Return tempo, key and chords of a file with the given hash; with its excerpt, the file is not opened."""
        if known := self.known_facts(audio_sha256):
            return known
        facts = compute_facts(self._excerpt_of(path, cancel) if excerpt is None else excerpt)
        if self._cache:
            self._cache.put_text(_facts_key(audio_sha256), facts.model_dump_json())
        return facts

    def known_facts(self, audio_sha256: str) -> TrackFacts | None:
        """Look up tempo, key and chords of a file; None where the cache does not hold them."""
        known = self._cache.get_text(_facts_key(audio_sha256)) if self._cache else None
        return None if known is None else TrackFacts.model_validate_json(known)

    def reasons(self, path: Path, audio_sha256: str, label: str, cancel: threading.Event) -> list[str]:
        """Return what spoke for a label, the strongest reason first; empty if the model cannot explain itself."""
        backend = self._backend
        if label not in backend.info.labels:
            raise InvalidOptionError(f"The model knows no genre called {label!r}.")
        grid = backend.grid
        if not isinstance(backend, Explaining) or not isinstance(grid, PatchGrid):
            return []
        known = self.known_reasons(audio_sha256, label)
        if known is not None:
            return known
        # Not in a turn of the decoder: the features take longer than the decoding.
        with self._decoder.open(path, grid.sample_rate_hz, cancel=cancel) as stream:
            reasons = backend.explain(PatchCutter(grid).cut(until(cancel, stream)), label)
        if self._cache:
            self._cache.put_text(self._reasons_key(audio_sha256, label), json.dumps(reasons))
        return reasons

    def known_reasons(self, audio_sha256: str, label: str) -> list[str] | None:
        """Look up what spoke for a label in a file; None where the cache does not hold it."""
        known = self._cache.get_text(self._reasons_key(audio_sha256, label)) if self._cache else None
        return None if known is None else [str(reason) for reason in json.loads(known)]

    def _excerpt_of(self, path: Path, cancel: threading.Event) -> NDArray[np.float32]:
        with (
            self._decoder.open(path, SAMPLE_RATE_HZ, cancel=cancel) as stream,
            self._decoder.turn(cancel),
        ):
            excerpt = MiddleExcerpt(stream.info.duration_s)
            for block in until(cancel, stream):
                if not excerpt.take(block):
                    break
        return excerpt.finish()

    def _reasons_key(self, audio_sha256: str, label: str) -> str:
        model = self._backend.info
        return f"{audio_sha256}:reasons:{model.name}:{model.revision}:{label}"


def _facts_key(audio_sha256: str) -> str:
    return f"{audio_sha256}:facts:{REVISION}"
