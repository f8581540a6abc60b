"""The command line around a model with known answers: ``python -m tests.cli.fake_cli SECONDS_A_BATCH ARGUMENT...``."""

import sys
import time
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from genre_app.cli.main import main
from genre_app.models.registry import LoadedModel
from tests.fakes import FakeBackend, loudness_logits

if __name__ == "__main__":
    pause_s = float(sys.argv.pop(1))

    def answer(patches: NDArray[np.float32]) -> NDArray[np.float32]:
        time.sleep(pause_s)
        return loudness_logits(patches)

    with mock.patch("genre_app.inference.classifier.load_model", return_value=LoadedModel(FakeBackend(answer=answer))):
        main(prog_name="python -m genre_app")
