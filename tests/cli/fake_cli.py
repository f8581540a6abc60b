"""The command line around a model with known answers: ``python -m tests.cli.fake_cli N_PATCHES GATE ARGUMENT...``.

The model answers ``N_PATCHES`` patches, one by one. Those that follow wait until a file ``GATE`` is there. Beside
it, ``GATE.scored`` has a byte for each patch that the model was given.
"""

import sys
import time
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from genre_app.cli.main import main
from genre_app.models.registry import LoadedModel
from tests.fakes import FakeBackend, logits_and_pitch

if __name__ == "__main__":
    n_free, gate = int(sys.argv.pop(1)), Path(sys.argv.pop(1))

    def answer(patches: NDArray[np.float32]) -> NDArray[np.float32]:
        with Path(f"{gate}.scored").open("ab") as scored:
            scored.write(b"." * len(patches))
            n_scored = scored.tell()
        while n_scored > n_free and not gate.exists():
            time.sleep(0.005)
        return logits_and_pitch(patches)

    backend = FakeBackend(max_patches=1, answer=answer, n_dimensions=2)
    with mock.patch("genre_app.inference.classifier.load_model", return_value=LoadedModel(backend)):
        main(prog_name="python -m genre_app")
