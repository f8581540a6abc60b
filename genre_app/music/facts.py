"""Tempo, key and most frequent chords of a track, without a model."""

from collections import deque
from collections.abc import Iterable
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


def middle_of_stream(blocks: Iterable[NDArray[np.float32]], duration_s: float | None) -> NDArray[np.float32]:
    """Collect the excerpt for `compute_facts` from a stream, without holding more than that in memory.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (n,)
        Consecutive mono audio at `SAMPLE_RATE_HZ`; read only as far as needed.
    duration_s : float or None
        Length of the track if known; without it, the start is taken.

    Returns
    -------
    ndarray of float32
        The middle `LONGEST_S` of the track, or all of a shorter one. If the stream ends earlier than ``duration_s``
        suggests, its last `LONGEST_S`.
    """
    longest = round(LONGEST_S * SAMPLE_RATE_HZ)
    end = round(((duration_s or 0.0) + LONGEST_S) / 2 * SAMPLE_RATE_HZ)
    end = max(end, longest)
    kept: deque[NDArray[np.float32]] = deque([np.zeros(0, dtype=np.float32)])
    n_kept = n_read = 0
    for block in blocks:
        kept.append(block)
        n_kept, n_read = n_kept + len(block), n_read + len(block)
        while n_kept - len(kept[0]) >= longest:
            n_kept -= len(kept.popleft())
        if n_read >= end:
            break
    audio = np.concatenate(kept)
    surplus = max(0, n_read - end)
    return audio[: len(audio) - surplus][-longest:]


def _middle(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    longest = round(LONGEST_S * SAMPLE_RATE_HZ)
    first = max(0, (len(audio) - longest) // 2)
    return audio[first : first + longest]
