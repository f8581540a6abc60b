"""Facts (tempo, key, chords), computed on demand and cached, and reasons for the genre."""

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genre_app.audio.decoder import Decoder
from genre_app.errors import InvalidOptionError
from genre_app.inference.cache import ScoreCache
from genre_app.inference.feeding import until
from genre_app.models.base import Explaining
from genre_app.music.facts import REVISION, SAMPLE_RATE_HZ, MiddleExcerpt, compute_facts
from genre_app.results.schema import TrackFacts
from genre_app.results.track_logits import TrackLogits


class Insights:
    """Computes facts about files, and reasons for a genre if the model can explain itself.

    Parameters
    ----------
    explaining : Explaining or None
        The model that names genres, if it can explain itself.
    cache : ScoreCache or None
        Keeps the answers.
    decoder : Decoder
        Opens the files.
    """

    def __init__(self, explaining: Explaining | None, cache: ScoreCache | None, decoder: Decoder) -> None:
        self._explaining = explaining
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

    def reasons(self, track: TrackLogits, label: str) -> list[str]:
        """Return what spoke for a label, the strongest reason first; empty if the model cannot explain itself.

        Raises
        ------
        InvalidOptionError
            The model has no such label.
        """
        if label not in track.labels:
            raise InvalidOptionError(f"The model knows no genre called {label!r}.")
        if track.measures is None or self._explaining is None:
            return []
        return self._explaining.explain(track.measures[track.votes > 0], label)

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


def _facts_key(audio_sha256: str) -> str:
    return f"{audio_sha256}:facts:{REVISION}"
