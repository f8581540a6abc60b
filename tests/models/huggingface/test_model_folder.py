"""The files of a model folder, without torch."""

import subprocess
import sys
from pathlib import Path

from genre_app.models.huggingface.model_folder import files_hash, is_maest
from tests.models.tiny_models import LABELS, ast_model, edit, maest_model, waveform_model


def test_only_a_maest_is_recognised_as_one(tmp_path: Path) -> None:
    styles = ("Rock---Mod", "Jazz---Bop")
    assert is_maest(maest_model(tmp_path / "maest", styles))
    assert not is_maest(ast_model(tmp_path / "ast", styles)), "other bands"
    assert not is_maest(maest_model(tmp_path / "labels", ("rock", "jazz")))
    assert not is_maest(tmp_path / "nothing")


def test_the_hash_follows_weights_configuration_and_extractor(tmp_path: Path) -> None:
    folder = waveform_model(tmp_path / "a", LABELS)
    first = files_hash(folder)
    assert first == files_hash(waveform_model(tmp_path / "b", LABELS))
    assert first != files_hash(waveform_model(tmp_path / "c", LABELS, seed=1))
    (folder / "README.md").write_text("hello", encoding="utf-8")
    assert files_hash(folder) == first
    edit(folder / "preprocessor_config.json", do_normalize=False)
    second = files_hash(folder)
    edit(folder / "config.json", problem_type="multi_label_classification")
    assert len({first, second, files_hash(folder)}) == 3


def test_reading_a_folder_needs_no_torch() -> None:
    probe = "import sys, genre_app.models.huggingface.model_folder; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]
