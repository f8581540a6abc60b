import numpy as np
import pytest

from genre_app.evaluate.metrics import expected_calibration_error
from genre_app.results.moments import softmax
from tools.training.calibration import cross_fitted_temperatures, fit_temperature


def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits and truths drawn from their softmax, so that they are calibrated."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=2.0, size=(n, 4))
    return logits, (logits + random.gumbel(size=logits.shape)).argmax(axis=1)


@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_temperature_undoes_a_scale(factor: float) -> None:
    logits, truth = draw(20_000)
    temperature = fit_temperature(logits * factor, truth)
    assert temperature == pytest.approx(factor, rel=0.05)
    assert expected_calibration_error(softmax(logits * factor / temperature), truth) < 0.02


def test_a_fold_s_temperature_ignores_the_fold() -> None:
    logits, truth = draw(200)
    folds = [np.arange(100), np.arange(100, 200)]
    found = cross_fitted_temperatures(logits, truth, folds)
    assert found[:100] == pytest.approx(fit_temperature(logits[100:], truth[100:]))
    assert found[100:] == pytest.approx(fit_temperature(logits[:100], truth[:100]))
