"""The music detector and the thresholds of the verdict."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from genre_app.inference.contracts import by_column
from genre_app.inference.framing import PatchCutter
from genre_app.models.musicnn.backend import MusicnnBackend
from genre_app.models.musicnn.music_detector import MusicDetector
from genre_app.results.model_info import DecisionRule
from genre_app.results.moments import softmax
from genre_app.results.verdict import Evidence, judge
from tests.paths import WEIGHTS
from tools.training.nonmusic import KINDS, SAMPLE_RATE_HZ, synthesise
from tools.training.train_verdict import confident_from, export, fit_detector

SYNTHETIC = [kind for kind in KINDS if kind != "speech" or shutil.which("espeak-ng")]


def test_the_threshold_is_the_lowest_with_the_required_accuracy() -> None:
    top = np.linspace(0.3, 0.99, 70)
    scores = np.column_stack([top, 1 - top, np.zeros(70)])
    # Below 0.6 every answer is wrong; with the eighth answer at 0.6 on, enough of those above are right.
    truth = np.where(scores.argmax(axis=1) == 0, 0, 2)
    truth[top < 0.6] = 2
    threshold = confident_from(scores, truth)
    right = scores.argmax(axis=1) == truth
    chosen = scores.max(axis=1)
    assert right[chosen >= threshold].mean() >= 0.92
    assert right[chosen >= threshold - 0.01].mean() < 0.92


def test_a_hopeless_model_has_no_threshold() -> None:
    with pytest.raises(ValueError, match="no threshold"):
        confident_from(np.tile([0.9, 0.1], (20, 1)), np.ones(20, dtype=np.int64))


def test_the_detector_survives_its_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    music, other = rng.normal(-3, 1, (200, 50)), rng.normal(-6, 1, (200, 50))
    model = fit_detector(music, other)
    rule = DecisionRule(0.6, 0.8, -0.2, 0.1)
    export(model, rule, tmp_path / "detector.safetensors")
    detector = MusicDetector.from_file(tmp_path / "detector.safetensors")
    assert detector.rule == rule
    assert (model.logits(music) > 0).mean() > 0.99
    assert (model.logits(other) < 0).mean() > 0.99


@pytest.mark.parametrize("kind", SYNTHETIC)
def test_a_clip_is_repeatable_and_in_range(kind: str) -> None:
    clip, again = (synthesise(kind, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(clip, again)
    assert clip.dtype == np.float32
    assert len(clip) == 12 * SAMPLE_RATE_HZ
    assert np.isfinite(clip).all()
    assert np.abs(clip).max() <= 1


def test_new_clips_of_other_sound_are_refused() -> None:
    """With seeds not used in training, at least 95 % are refused or uncertain; silence and noise are always refused."""
    import torch

    backend = MusicnnBackend(torch.device("cpu"), threads=2)
    kinds: dict[str, list[str]] = {kind: [] for kind in SYNTHETIC}
    for number, kind in enumerate(SYNTHETIC * 8):
        clip = synthesise(kind, np.random.default_rng([99, number]))
        answer = by_column(backend.score(np.stack(list(PatchCutter(backend.grid).cut([clip])))), backend.info)
        scores = softmax(answer["logits"].astype(np.float64).mean(axis=0))
        assert answer["music_logits"] is not None
        evidence = Evidence(scores, backend.info.labels, float(answer["music_logits"].mean()))
        kinds[kind].append(judge(evidence, backend.info.rule).kind)
    verdicts = [verdict for some in kinds.values() for verdict in some]
    assert len(verdicts) >= 40
    assert sum(verdict == "confident" for verdict in verdicts) <= 0.05 * len(verdicts), kinds
    assert set(kinds["silence"]) == set(kinds["noise"]) == {"not_music"}


def test_the_stored_rule_reaches_the_required_accuracy() -> None:
    report = json.loads((WEIGHTS / "musicnn_verdict.metrics.json").read_text(encoding="utf-8"))
    assert MusicDetector.from_file(WEIGHTS / "musicnn_verdict.safetensors").rule == DecisionRule(**report["rule"])
    assert report["music"]["confident_share"]["value"] >= 0.6
    assert report["music"]["confident_accuracy"]["value"] >= 0.9
    assert report["music"]["not_music_share"]["value"] <= 0.05
