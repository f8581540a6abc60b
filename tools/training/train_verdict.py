"""Train the music detector and choose when an answer is confident.

``python -m tools.training.train_verdict --gtzan ../shared/gtzan --output genre_app/weights``

Needs ``musicnn_msd.safetensors`` and ``musicnn_head.metrics.json`` in the output folder (so train the head first), and
espeak-ng on the machine for the speech.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from genre_app.evaluate.metrics import proportion
from genre_app.genres import GENRES
from genre_app.inference.framing import PatchCutter
from genre_app.models.musicnn.loudness import LoudnessNormalizer
from genre_app.models.musicnn.music_detector import MusicDetector
from genre_app.models.musicnn.network import GRID, LogMel, MusiCNN
from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import softmax
from genre_app.results.verdict import Evidence, judge
from tools.training.evaluation import run_trial
from tools.training.gtzan import DEFAULT_FOLDER, TagClips, artist_folds, read_train
from tools.training.head_report import SPLIT
from tools.training.nonmusic import KINDS, clips
from tools.training.recipes import Recipe
from tools.training.regression import LinearModel

NAME: Final = "musicnn_verdict"
_C: Final = 0.1
_CLIPS_OF_EACH_KIND: Final = 100
#: Other sound is also scored above and below the normalised level, since the levels of GTZAN's clips vary.
_LEVEL_SPREAD_DB: Final = 6.0
#: Recordings unlike GTZAN's (clean mixes, modern masters) have wider and lower tag logits: augmentation of music.
_MOST_STRETCH: Final = 2.0
_MOST_SHIFT: Final = 2.0
_SEEDS: Final = range(4)
#: Tag logits are clipped to this range, which digital silence and pure tones leave by far.
_TAG_LOGIT_RANGE: Final = 16.0
#: Required accuracy of confident answers on held-out music: 90 % and a margin.
_CONFIDENT_ACCURACY: Final = 0.92


@dataclass(frozen=True, slots=True)
class OtherSound:
    """Tag logits of clips that are not music.

    Attributes
    ----------
    tag_logits : ndarray, shape (n_patches, 50)
    clip_of_patch : ndarray, shape (n_patches,)
        Index of each patch's clip.
    kind : ndarray of str, shape (n_clips,)
        One of `tools.training.nonmusic.KINDS`.
    """

    tag_logits: NDArray[np.float64]
    clip_of_patch: NDArray[np.int64]
    kind: NDArray[np.str_]


def synthesise_other_sound(network_file: Path, n_each: int, *, seed: int) -> OtherSound:
    """Synthesise clips and compute their tag logits."""
    network, normalizer, front_end = MusiCNN.from_file(network_file), LoudnessNormalizer(), LogMel()
    rng = np.random.default_rng(seed)
    logits, clip_of_patch, kinds = [], [], []
    for number, (kind, audio) in enumerate(tqdm(clips(n_each, seed), total=n_each * len(KINDS), disable=None)):
        patches = torch.from_numpy(np.stack(list(PatchCutter(GRID).cut([audio]))))
        other_level = 10 ** (rng.normal(0, _LEVEL_SPREAD_DB) / 20)
        with torch.inference_mode():
            normalized = normalizer(patches)
            logits += [network(front_end(gain * normalized)).double().numpy() for gain in (1.0, other_level)]
        clip_of_patch += [number] * 2 * len(patches)
        kinds.append(kind)
    return OtherSound(np.concatenate(logits), np.array(clip_of_patch), np.array(kinds))


def fit_detector(music: NDArray[np.float64], other: NDArray[np.float64]) -> LinearModel:
    """Fit log-odds of music to tag logits of shape (n, 50), with equal weights for both classes."""
    rng = np.random.default_rng(0)
    stretch = rng.uniform(1, _MOST_STRETCH, (len(music), 1))
    shift = rng.uniform(0, _MOST_SHIFT, (len(music), 1))
    unlike_gtzan = music.mean(axis=0) + stretch * (music - music.mean(axis=0)) - shift
    features = np.clip(np.concatenate([music, unlike_gtzan, other]), -_TAG_LOGIT_RANGE, _TAG_LOGIT_RANGE)
    scaler = StandardScaler().fit(features)
    is_music = np.arange(len(features)) < 2 * len(music)
    model = LogisticRegression(C=_C, class_weight="balanced", max_iter=2000)
    model.fit(scaler.transform(features), is_music)
    return LinearModel(model.coef_.T, model.intercept_).on_raw_features(scaler.mean_, scaler.scale_)


def held_out_log_odds(
    data: TagClips, other: OtherSound, *, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score every clip with a detector that was not trained on the clip or its artist.

    Returns
    -------
    music : ndarray, shape (n_music_clips,)
    other : ndarray, shape (n_other_clips,)
        Mean log-odds of each clip's patches.
    """
    n_other = len(other.kind)
    fold_of_other = np.random.default_rng(seed).permutation(n_other) % 5
    music_log_odds, other_log_odds = np.zeros(len(data.clips)), np.zeros(n_other)
    for fold, held_out in enumerate(artist_folds(data.genre, data.group, seed=seed)):
        unseen_music = np.isin(data.clip_of_patch, held_out)
        unseen_other = fold_of_other[other.clip_of_patch] == fold
        model = fit_detector(data.tag_logits[~unseen_music], other.tag_logits[~unseen_other])
        music_log_odds[held_out] = data.mean_by_clip(model.logits(data.tag_logits))[held_out, 0]
        means = np.bincount(other.clip_of_patch, model.logits(other.tag_logits)[:, 0]) / np.bincount(
            other.clip_of_patch
        )
        other_log_odds[fold_of_other == fold] = means[fold_of_other == fold]
    return music_log_odds, other_log_odds


def confident_from(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the lowest threshold of the top score at which answers reach `_CONFIDENT_ACCURACY`.

    Parameters
    ----------
    scores : ndarray, shape (n, 10)
        Calibrated probabilities.
    truth : ndarray, shape (n,)
        True genres.
    """
    top = scores.max(axis=1)
    right = scores.argmax(axis=1) == truth
    for threshold in np.arange(0.3, 1.0, 0.01):
        answered = top >= threshold
        if answered.any() and right[answered].mean() >= _CONFIDENT_ACCURACY:
            return round(float(threshold), 2)
    raise ValueError("no threshold makes the answers right often enough")


def held_out_scores(data: TagClips, head_report: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cross-validate the head's recipe; return scores of shape (n_repeats * n, 10) and truth of (n_repeats * n,)."""
    names = {field.name for field in fields(Recipe)}
    recipe = Recipe(**{name: value for name, value in head_report["recipe"].items() if name in names})
    trial = run_trial(recipe, data, _SEEDS)
    logits = np.concatenate([data.mean_by_clip(one) for one in trial.logits])
    return softmax(logits / head_report["temperature"]), np.tile(data.genre, len(_SEEDS))


@click.command(help=__doc__)
@click.option("--gtzan", type=click.Path(exists=True, file_okay=False, path_type=Path), default=DEFAULT_FOLDER)
@click.option("--output", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(gtzan: Path, output: Path) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    data = read_train(gtzan)
    head_report = json.loads((output / "musicnn_head.metrics.json").read_text(encoding="utf-8"))
    other = synthesise_other_sound(output / "musicnn_msd.safetensors", _CLIPS_OF_EACH_KIND, seed=0)
    scores, truth = held_out_scores(data, head_report)
    folds = [held_out_log_odds(data, other, seed=seed) for seed in _SEEDS]
    music, sound = np.concatenate([m for m, _ in folds]), np.concatenate([s for _, s in folds])
    music_from = round(float(np.quantile(sound, 0.99) + np.quantile(music, 0.025)) / 2, 2)
    rule = DecisionRule(
        confident_from=confident_from(scores, truth),
        set_mass=0.8,
        music_from=music_from,
        music_sure_from=max(music_from, round(float(np.quantile(music, 0.01)), 2)),
    )
    report = {
        "model": NAME,
        "split": SPLIT,
        "rule": asdict(rule),
        "music": report_music(rule, scores, truth, music),
        "other_sound": report_other(rule, sound, np.tile(other.kind, len(_SEEDS))),
    }
    export(fit_detector(data.tag_logits, other.tag_logits), rule, output / f"{NAME}.safetensors")
    (output / f"{NAME}.metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    click.echo(json.dumps(report, indent=1))


def report_music(
    rule: DecisionRule, scores: NDArray[np.float64], truth: NDArray[np.int64], music_log_odds: NDArray[np.float64]
) -> dict[str, Any]:
    """Return statistics of the verdicts on held-out music; rows are clips, repeat after repeat."""
    verdicts = [judge(Evidence(row, GENRES, odds), rule) for row, odds in zip(scores, music_log_odds, strict=True)]
    kinds = np.array([verdict.kind for verdict in verdicts])
    named = np.array([GENRES[right] in verdict.genres for verdict, right in zip(verdicts, truth, strict=True)])
    n, confident, uncertain = len(kinds), kinds == "confident", kinds == "uncertain"
    # The repeats have the same clips, which count once for the intervals.
    n_clips = n // len(_SEEDS)
    return {
        "n_clips": n_clips,
        "confident_share": _share(confident, n_clips),
        "confident_accuracy": _share(named[confident], round(confident.mean() * n_clips)),
        "uncertain_share": _share(uncertain, n_clips),
        "uncertain_names_the_right_genre": _share(named[uncertain], round(uncertain.mean() * n_clips)),
        "not_music_share": _share(kinds == "not_music", n_clips),
    }


def report_other(rule: DecisionRule, log_odds: NDArray[np.float64], kind: NDArray[np.str_]) -> dict[str, Any]:
    """Return the shares of held-out other sound, by kind, that are refused or uncertain."""
    assert rule.music_from is not None
    assert rule.music_sure_from is not None
    return {
        name: {
            "n_clips": int((kind == name).sum()) // len(_SEEDS),
            "not_music_share": float((log_odds[kind == name] < rule.music_from).mean()),
            "not_music_or_uncertain_share": float((log_odds[kind == name] < rule.music_sure_from).mean()),
        }
        for name in KINDS
    }


def _share(hits: NDArray[np.bool_], n: int) -> dict[str, float | int | None]:
    return proportion(float(hits.mean()) * n if len(hits) else 0.0, n if len(hits) else 0).as_dict()


def export(model: LinearModel, rule: DecisionRule, path: Path) -> None:
    """Write the detector with its rule."""
    detector = MusicDetector(rule)
    with torch.no_grad():
        detector.linear.weight.copy_(torch.from_numpy(model.weights.T))
        detector.linear.bias.copy_(torch.from_numpy(model.bias))
    detector.to_file(path, {"clips_of_each_kind": _CLIPS_OF_EACH_KIND})


if __name__ == "__main__":
    main()
