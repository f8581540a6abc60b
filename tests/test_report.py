import json
import stat
from pathlib import Path

import pytest

from genre_app.report import to_json, write_atomically
from genre_app.result import build_result
from genre_app.schema import ClassificationResult, SliceOptions
from tests.test_result import scored_track


@pytest.fixture
def result() -> ClassificationResult:
    return build_result(scored_track(), SliceOptions())


def test_json_is_indented_or_one_line(result: ClassificationResult) -> None:
    assert to_json(result).startswith('{\n  "')
    assert "\n" not in to_json(result, indent=None)
    assert json.loads(to_json(result)) == json.loads(to_json(result, indent=None)) == result.model_dump(mode="json")


def test_json_keeps_the_order_of_the_schema(result: ClassificationResult) -> None:
    assert list(json.loads(to_json(result))) == list(ClassificationResult.model_fields)


def test_a_file_is_written_whole_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    for text in ("first, and longer", "sécond ♪"):
        write_atomically(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "result.json", "text")
