"""The rooms of the package, and which of them may import which."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import genre_app
from tests.paths import ROOT

PACKAGE: Final = ROOT / "genre_app"

#: From bottom to top. A room imports only from the floors below its own; rooms on one floor don't know each other.
FLOORS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"errors", "formatting", "genres", "settings", "version", "weights"}),
    frozenset({"examples", "results"}),
    frozenset({"audio", "models", "music"}),
    frozenset({"report"}),
    frozenset({"inference"}),
    frozenset({"collection"}),
    frozenset({"cli", "ui"}),
    frozenset({"evaluate"}),
    frozenset({"__main__", "benchmark"}),
    frozenset({"app"}),
)
FLOOR_OF: Final = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
#: What reads or decodes files: models get arrays.
READERS_OF_FILES: Final = {"av", "soxr", "wave", "soundfile", "genre_app.audio", "diskcache", "gradio"}


class Arrow(NamedTuple):
    """An import: ``from genre_app.ui import page`` in a file of the room ``app`` points at ``genre_app.ui.page``."""

    file: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.target}"

    @property
    def source_room(self) -> str:
        return _room(self.file)

    @property
    def target_room(self) -> str:
        return self.target.split(".")[1]

    @property
    def is_ours(self) -> bool:
        return self.target.startswith("genre_app.")


def _room(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py") if PACKAGE in file.parents else file.stem


def _files() -> list[Path]:
    return [*sorted(PACKAGE.rglob("*.py")), ROOT / "app.py"]


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide arrows"
        assert node.module
        return [f"{node.module}.{name.name}" for name in node.names]
    return []


def _arrows(files: list[Path]) -> list[Arrow]:
    """Collect every import, inside functions and ``if TYPE_CHECKING`` too; the package's own front door aside."""
    return [
        Arrow(file, getattr(node, "lineno", 0), target)
        for file in files
        if file != PACKAGE / "__init__.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for target in _targets(node)
    ]


ARROWS: Final = _arrows(_files())
OURS: Final = [arrow for arrow in ARROWS if arrow.is_ours]


def _is_upwards(source_room: str, target_room: str) -> bool:
    return source_room != target_room and FLOOR_OF[target_room] >= FLOOR_OF[source_room]


def test_the_arrows_are_found_at_all() -> None:
    found = {(arrow.source_room, arrow.target_room) for arrow in OURS}
    assert {("inference", "models"), ("cli", "inference"), ("__main__", "ui"), ("results", "genres")} <= found


def test_an_arrow_up_or_sideways_would_be_found() -> None:
    assert _is_upwards("results", "inference")
    assert _is_upwards("cli", "ui")
    assert not _is_upwards("ui", "results")
    assert not _is_upwards("ui", "ui")


def test_every_room_has_its_floor_and_there_are_few() -> None:
    rooms = {_room(file) for file in _files()} - {"__init__"}
    assert rooms == FLOOR_OF.keys()
    assert len(rooms) <= 26
    assert len(FLOORS) <= 10


def test_imports_point_down() -> None:
    leaves = FLOORS[0]
    wrong = [
        str(arrow)
        for arrow in OURS
        if _is_upwards(arrow.source_room, arrow.target_room) and not {arrow.source_room, arrow.target_room} <= leaves
    ]
    assert wrong == []


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_nothing_private_is_imported() -> None:
    private = [str(arrow) for arrow in OURS if any(_is_private(part) for part in arrow.target.split("."))]
    assert private == []


def test_modules_form_no_circle() -> None:
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in PACKAGE.rglob("*.py")
    }
    imported = {
        name: {
            target if target in modules else target.rpartition(".")[0]
            for target in (arrow.target for arrow in OURS if arrow.file == file)
        }
        & modules.keys() - {name}
        for name, file in modules.items()
    }
    while freed := [name for name, targets in imported.items() if not targets & imported.keys()]:
        for name in freed:
            del imported[name]
    assert sorted(imported) == []


def test_nothing_in_the_package_imports_tools_or_tests() -> None:
    assert [str(arrow) for arrow in ARROWS if arrow.target.split(".")[0] in {"tools", "tests"}] == []


def test_nothing_in_the_package_knows_of_ray() -> None:
    assert [str(arrow) for arrow in ARROWS if arrow.target.split(".")[0] in {"ray", "deploy"}] == []


def test_only_the_entries_import_the_page() -> None:
    assert {arrow.source_room for arrow in OURS if arrow.target_room == "ui"} - {"ui", "__main__"} == set()


def test_the_engine_knows_of_models_only_the_contract() -> None:
    engine = PACKAGE / "inference" / "batching_engine.py"
    arrows = [arrow for arrow in OURS if arrow.file == engine and arrow.target_room == "models"]
    assert arrows
    assert all(arrow.target.startswith("genre_app.models.base.") for arrow in arrows)


def test_models_see_arrays_and_never_tracks() -> None:
    wrong = [
        str(arrow)
        for arrow in ARROWS
        if arrow.source_room == "models" and any(f"{arrow.target}.".startswith(f"{name}.") for name in READERS_OF_FILES)
    ]
    assert wrong == []


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert [str(file) for file in _files() if file.stem in {"utils", "util", "helpers", "misc"}] == []


def test_the_exported_names_are_these_and_all_can_be_imported() -> None:
    assert genre_app.__all__ == [
        "ClassificationResult",
        "GenreAppError",
        "GenreClassifier",
        "Settings",
        "SliceOptions",
        "__version__",
        "read_vocabulary",
        "tags_for",
    ]
    assert [name for name in genre_app.__all__ if getattr(genre_app, name, None) is None] == []


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Classifier'"):
        genre_app.Classifier  # noqa: B018


def _modules_loaded_by(statement: str) -> set[str]:
    probe = f"import sys; {statement}; print(*(name for name in sys.modules if '.' not in name))"
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"torch", "gradio", "transformers", "numpy", "pydantic", "av"}
    assert _modules_loaded_by("import genre_app") & heavy == set()


def test_the_command_line_s_help_needs_no_torch() -> None:
    assert _modules_loaded_by("import genre_app.cli.main") & {"torch", "gradio"} == set()


def test_what_can_be_wrong_at_the_start_is_found_before_gradio_is_loaded() -> None:
    assert _modules_loaded_by("import genre_app.ui.launch") & {"torch", "gradio", "numpy", "av"} == set()


def test_results_and_reports_need_no_torch() -> None:
    assert _modules_loaded_by("import genre_app.results.build, genre_app.report") & {"torch", "av", "gradio"} == set()
