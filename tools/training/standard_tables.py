"""How the standard model's tables and thresholds do on real sounds: music or not, styles, none of the ten."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.standard.heads import RULE_FILE, StandardHeads
from genre_app.models.standard.tables import read_rule
from genre_app.models.yamnet.network import Yamnet
from genre_app.results.model_info import DecisionRule, Style
from genre_app.results.moments import softmax
from genre_app.results.outside import outside_styles
from tools.training.patch_clips import PatchClips, read_patch_clips
from tools.training.style_measures import StyleSample, measure_styles
from tools.training.style_truth import OF_GENRE, OF_LABEL, OUTSIDE, key_of

#: Shorter pieces are not promised to be recognised.
_LONG_S: Final = 3.0
#: No genre weighs more than this many clips where styles are measured.
_MOST_OF_A_GENRE: Final = 14

Columns = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class RealSounds:
    """The clips of ``real_sounds``.

    Attributes
    ----------
    clips : PatchClips
    names, labels : list of str
    is_music : ndarray of bool, shape (n,)
    """

    clips: PatchClips
    names: list[str]
    labels: list[str]
    is_music: NDArray[np.bool_]


def read_real_sounds(path: Path) -> RealSounds:
    """Read ``features.npz``."""
    with np.load(path, allow_pickle=False) as stored:
        names, labels = [str(one) for one in stored["clip"]], [str(one) for one in stored["label"]]
        return RealSounds(read_patch_clips(path), names, labels, stored["kind"] == "music")


def describe_tables(weights: Path, sounds: RealSounds, gtzan: PatchClips, genre: NDArray[np.int64]) -> dict[str, Any]:
    """Measure the tables in a folder of weights.

    Parameters
    ----------
    weights : Path
        With the trained head, the tables, the rule, and YAMNet.
    sounds : RealSounds
    gtzan : PatchClips
    genre : ndarray, shape (n_gtzan,)
        Index into `genre_app.genres.GENRES`.
    """
    heads, network = StandardHeads.from_file(weights), Yamnet.from_file(weights / "yamnet.safetensors")
    rule = read_rule(weights / RULE_FILE)
    outputs, of_gtzan = sounds.clips.columns(heads, network), gtzan.columns(heads, network)
    styles = [Style(group.name, group.outside, group.near) for group in heads.styles.groups]
    sample = _style_sample(sounds, outputs, of_gtzan, genre)
    thresholds = np.array([group.threshold for group in heads.styles.groups])
    return {
        "music": _music(sounds, outputs, rule),
        "styles": measure_styles(sample, heads.styles.names, thresholds),
        "outside": {
            "gtzan": float(np.mean([bool(names) for names in _outside(of_gtzan, styles, rule)])),
            **_outside_by_label(sounds, _outside(outputs, styles, rule)),
        },
    }


def _music(sounds: RealSounds, outputs: Columns, rule: DecisionRule) -> dict[str, Any]:
    """Return how much music is refused and how much else is not."""
    assert rule.music_from is not None
    assert rule.music_sure_from is not None
    log_odds, top = outputs["music"][:, 0], softmax(outputs["genres"]).max(axis=1)
    long = sounds.is_music & (sounds.clips.seconds >= _LONG_S)
    other = ~sounds.is_music
    named = (log_odds >= rule.music_sure_from) & (top >= rule.confident_from)
    return {
        "music_from": rule.music_from,
        "music_sure_from": rule.music_sure_from,
        "n_music": int(long.sum()),
        "refused": int((log_odds[long] < rule.music_from).sum()),
        "lowest_music": float(log_odds[long].min()),
        "n_short_music": int((sounds.is_music & ~long).sum()),
        "short_refused": int((log_odds[sounds.is_music & ~long] < rule.music_from).sum()),
        "n_other": int(other.sum()),
        "named_with_confidence": int((named & other).sum()),
        "doubted": int((other & (log_odds >= rule.music_from) & ~named).sum()),
        "highest_other": np.sort(log_odds[other])[::-1][:8].round(2).tolist(),
        "other_half": _other_half(log_odds, long, other),
    }


def _other_half(log_odds: NDArray[np.float64], long: NDArray[np.bool_], other: NDArray[np.bool_]) -> dict[str, Any]:
    """Choose the threshold on each half, between the other sounds and the music, and count on the other half."""
    half = np.random.default_rng(1).permutation(len(log_odds)) % 2
    counts = {"n_music": 0, "refused": 0, "n_other": 0, "passed": 0}
    chosen = []
    for own in (0, 1):
        inside = half == own
        threshold = (log_odds[inside & long].min() + np.quantile(log_odds[inside & other], 0.99)) / 2
        chosen.append(round(float(threshold), 2))
        counts["n_music"] += int((~inside & long).sum())
        counts["refused"] += int((log_odds[~inside & long] < threshold).sum())
        counts["n_other"] += int((~inside & other).sum())
        counts["passed"] += int((log_odds[~inside & other] >= threshold).sum())
    return {"thresholds": chosen, **counts}


def _outside(outputs: Columns, styles: list[Style], rule: DecisionRule) -> list[list[str]]:
    """Return, for each clip, the styles that say that it is none of the ten."""
    scores = softmax(outputs["genres"])
    return [
        outside_styles(row.tolist(), styles, genre=GENRES[int(one.argmax())], score=float(one.max()), rule=rule)
        for row, one in zip(outputs["styles"], scores, strict=True)
    ]


def _outside_by_label(sounds: RealSounds, outside: list[list[str]]) -> dict[str, str]:
    """Count how many electronic and how many orchestral pieces are none of the ten."""
    keys = [key_of(name, label) if music else None for name, label, music in _rows(sounds)]
    counted = {"electronic": OUTSIDE, "orchestral": ("orchestral",)}
    found = {}
    for name, wanted in counted.items():
        of_kind = [bool(one) for key, one in zip(keys, outside, strict=True) if key in wanted]
        found[name] = f"{sum(of_kind)} of {len(of_kind)}"
    return found


def _style_sample(sounds: RealSounds, outputs: Columns, of_gtzan: Columns, genre: NDArray[np.int64]) -> StyleSample:
    """Put together the music whose styles are known."""
    n_of_genre = np.bincount(genre)
    rows = [of_gtzan["styles"]]
    fitting = [OF_GENRE[GENRES[index]] for index in genre]
    weight = [min(1.0, _MOST_OF_A_GENRE / n_of_genre[index]) for index in genre]
    for place, (name, label, music) in enumerate(_rows(sounds)):
        key = key_of(name, label)
        if music and key and sounds.clips.seconds[place] >= _LONG_S:
            rows.append(outputs["styles"][place : place + 1])
            fitting.append(OF_LABEL[key])
            weight.append(1.0)
    return StyleSample(np.concatenate(rows), fitting, np.array(weight))


def _rows(sounds: RealSounds) -> list[tuple[str, str, bool]]:
    return list(zip(sounds.names, sounds.labels, sounds.is_music.tolist(), strict=True))
