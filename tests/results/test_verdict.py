"""Sure, not sure, or not music."""

import numpy as np
import pytest

from genre_app.results.model_info import DecisionRule
from genre_app.results.schema import Verdict
from genre_app.results.verdict import Evidence
from genre_app.results.verdict import judge as judge_evidence
from tests.results import answers

LABELS = ("hiphop", "metal", "pop", "rock")
RULE = DecisionRule(confident_from=0.7, set_mass=0.8, music_from=-0.5, music_sure_from=0.5)


def judge(
    scores: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    labels: tuple[str, ...],
    rule: DecisionRule,
    music_log_odds: float | None = None,
) -> Verdict:
    return judge_evidence(Evidence(scores, labels, music_log_odds), rule)


def scores(*values: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array(values)


def test_a_high_score_is_said_without_reservation() -> None:
    verdict = judge(scores(0.1, 0.8, 0.05, 0.05), LABELS, RULE, 2.0)
    assert (verdict.kind, verdict.sentence, verdict.genres) == ("confident", "Metal, 80 %", ["metal"])
    assert verdict.music_probability == pytest.approx(0.8808, abs=1e-4)


def test_a_score_at_the_threshold_is_confident() -> None:
    assert judge(scores(0.1, 0.7, 0.1, 0.1), LABELS, RULE, 2.0).kind == "confident"


def test_an_uncertain_answer_names_the_genres_that_hold_the_mass() -> None:
    verdict = judge(scores(0.05, 0.45, 0.1, 0.4), LABELS, RULE, 2.0)
    assert (verdict.kind, verdict.sentence) == ("uncertain", "Not sure: metal or rock")
    assert verdict.genres == ["metal", "rock"]


def test_an_uncertain_answer_names_three_genres_at_most() -> None:
    verdict = judge(scores(0.25, 0.26, 0.24, 0.25), LABELS, RULE, 2.0)
    assert verdict.sentence == "Not sure: metal, hip-hop or rock"


def test_an_uncertain_answer_never_names_a_single_genre() -> None:
    rule = DecisionRule(confident_from=0.95, set_mass=0.8)
    assert judge(scores(0.02, 0.9, 0.05, 0.03), LABELS, rule).genres == ["metal", "pop"]


def test_what_is_not_music_has_no_genre() -> None:
    verdict = judge(scores(0.0, 1.0, 0.0, 0.0), LABELS, RULE, -3.0)
    assert (verdict.kind, verdict.sentence, verdict.genres) == ("not_music", "This does not sound like music", [])


def test_what_may_not_be_music_is_doubted_however_high_the_score() -> None:
    verdict = judge(scores(0.99, 0.01, 0.0, 0.0), LABELS, RULE, 0.0)
    assert verdict.kind == "uncertain"
    assert verdict.sentence == "Not sure that this is music; the closest is hip-hop"


def test_a_model_that_cannot_tell_music_says_so() -> None:
    verdict = judge(scores(0.99, 0.01, 0.0, 0.0), LABELS, DecisionRule(), None)
    assert (verdict.kind, verdict.music_probability) == ("confident", None)


@pytest.mark.parametrize("log_odds", [-5000.0, 5000.0])
def test_extreme_log_odds_are_probabilities(log_odds: float) -> None:
    assert judge(scores(0.9, 0.1, 0.0, 0.0), LABELS, RULE, log_odds).music_probability in {0.0, 1.0}


@pytest.mark.parametrize(
    ("likelihoods", "kind", "says", "named"),
    [
        (answers.TAGS, "confident", "It sounds like: rock, guitar", ["rock", "guitar"]),
        (
            {"rock": 0.3, "guitar": 0.2, "fast": 0.1, "loud": 0.05, "flute": 0.01},
            "uncertain",
            "It sounds most like: rock, guitar, fast",
            ["rock", "guitar", "fast"],
        ),
    ],
)
def test_tags_are_listed_and_no_alternatives(
    likelihoods: dict[str, float], kind: str, says: str, named: list[str]
) -> None:
    evidence = Evidence(scores(*likelihoods.values()), tuple(likelihoods), is_exclusive=False)
    verdict = judge_evidence(evidence, DecisionRule())
    assert (verdict.kind, verdict.sentence, verdict.genres) == (kind, says, named)


def test_genres_that_stand_alone_are_no_tags() -> None:
    evidence = Evidence(scores(0.1, 0.8, 0.1, 0.7), LABELS, is_exclusive=False)
    assert judge_evidence(evidence, RULE).sentence == "Metal and rock"
