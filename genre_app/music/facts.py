"""Tempo, key and most frequent chords of a track, without a model."""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.music.chroma import chromagram
from genre_app.music.key_and_chords import chord_shares, find_key, is_tonal
from genre_app.music.tempo import find_tempo
from genre_app.results.schema import ChordShare, TrackFacts

SAMPLE_RATE_HZ: Final = 22_050
#: Longest excerpt to analyse, from the middle of the track: enough for tempo and key, bounded in time and memory.
LONGEST_S: Final = 120.0
#: Part of cache keys; increase it when the same audio gives different facts.
REVISION: Final = "1"

_LONGEST_SAMPLES: Final = round(LONGEST_S * SAMPLE_RATE_HZ)
_SHORTEST_S: Final = 2.0
_SILENCE_RMS: Final = 1e-4  # -80 dB
_N_CHORDS: Final = 4
_LEAST_SHARE: Final = 0.01


def compute_facts(audio: NDArray[np.float32]) -> TrackFacts:
    """Estimate tempo, key and chords.

    Parameters
    ----------
    audio : ndarray of float32, shape (n_samples,)
        Mono at `SAMPLE_RATE_HZ`, full scale ±1, finite; only the middle `LONGEST_S` are used.

    Returns
    -------
    TrackFacts
        None for facts that do not apply: silence, noise and (mostly) speech have neither key nor tempo.
    """
    audio = _middle(audio)
    seconds = len(audio) / SAMPLE_RATE_HZ
    if seconds < _SHORTEST_S or np.sqrt(np.mean(audio.astype(np.float64) ** 2)) < _SILENCE_RMS:
        return TrackFacts(analysed_seconds=round(seconds, 3))
    tempo_bpm = find_tempo(audio, SAMPLE_RATE_HZ)
    facts = TrackFacts(tempo_bpm=tempo_bpm and round(tempo_bpm, 1), analysed_seconds=round(seconds, 3))
    chroma = chromagram(audio, SAMPLE_RATE_HZ)
    if not is_tonal(chroma):
        return facts
    key = find_key(chroma)
    shares = list(chord_shares(chroma).items())[:_N_CHORDS]
    return facts.model_copy(
        update={
            "key": key.name,
            "key_confidence": round(key.confidence, 3),
            "chords": tuple(
                ChordShare(chord=chord, share=round(share, 3)) for chord, share in shares if share >= _LEAST_SHARE
            ),
        }
    )


class MiddleExcerpt:
    """Collects the excerpt for `compute_facts` from a track that is decoded block by block.

    That is the middle `LONGEST_S` of the track, or all of a shorter one. Where the length is unknown it is the start,
    and where the track ends earlier than expected its last `LONGEST_S`. Not more than that is held in memory.

    Attributes
    ----------
    duration_s : float or None
        Length of the track, once it is known.
    """

    def __init__(self, duration_s: float | None = None) -> None:
        self.duration_s = duration_s
        self.clear()

    def clear(self) -> None:
        """Forget all blocks."""
        self._kept: deque[NDArray[np.float32]] = deque([np.zeros(0, dtype=np.float32)])
        self._n_kept = self._n_read = 0

    def take(self, block: NDArray[np.float32]) -> bool:
        """Take the next block, mono at `SAMPLE_RATE_HZ`, shape (n,); return whether more are wanted."""
        self._kept.append(block)
        self._n_kept, self._n_read = self._n_kept + len(block), self._n_read + len(block)
        while self._n_kept - len(self._kept[0]) >= _LONGEST_SAMPLES:
            self._n_kept -= len(self._kept.popleft())
        return self._n_read < self._end

    def finish(self) -> NDArray[np.float32]:
        """Return the excerpt, as far as it was collected, shape (n,), and forget its blocks."""
        audio = np.concatenate(self._kept)
        surplus = max(0, self._n_read - self._end)
        self.clear()
        return audio[: len(audio) - surplus][-_LONGEST_SAMPLES:]

    @property
    def _end(self) -> int:
        """Samples of the track up to the end of the excerpt."""
        end = round(((self.duration_s or 0.0) + LONGEST_S) / 2 * SAMPLE_RATE_HZ)
        return max(end, _LONGEST_SAMPLES)


def _middle(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    first = max(0, (len(audio) - _LONGEST_SAMPLES) // 2)
    return audio[first : first + _LONGEST_SAMPLES]
