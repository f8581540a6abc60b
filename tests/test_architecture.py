"""The arrows between the parts of the package, as docs and DESIGN draw them."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import genre_app
from tests.paths import ROOT

PACKAGE = ROOT / "genre_app"

#: From bottom to top; a part imports only from the layers below its own. The bottom ones may also import each other.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "labels", "palette", "settings", "schema", "version", "wording", "progress", "score_track"}),
    frozenset({"chroma", "hub"}),
    frozenset({"harmony", "tempo", "catalogue"}),
    frozenset({"facts"}),
    frozenset({"audio", "backends", "content", "waveform"}),
    frozenset({"patches", "windows", "metrics", "verdict", "examples", "engine_contract"}),
    frozenset({"cache", "engine", "inflight", "spool"}),
    frozenset({"scoring", "zerogpu", "result", "track_scoring", "window_store"}),
    frozenset({"insights", "patch_scoring"}),
    frozenset({"window_scoring"}),
    frozenset({"service"}),
    frozenset({"pool", "moods"}),
    frozenset({"captions", "charts", "evaluation_plots", "collection", "interrupt", "batch"}),
    frozenset({"report"}),
    frozenset({"tags", "entry", "request", "help_page"}),
    frozenset({"journal", "summary"}),
    frozenset({"overview", "console"}),
    frozenset({"outputs"}),
    frozenset({"delivery"}),
    frozenset({"track_work"}),
    frozenset({"run"}),
    frozenset({"evaluate", "benchmark"}),
    frozenset({"models_cli"}),
    frozenset({"ui", "cli"}),
    frozenset({"__main__", "app"}),
)
BOTTOM = LAYERS[0]
HEIGHT = {part: height for height, layer in enumerate(LAYERS) for part in layer}
#: Where code that only trains models stands: above everything that it may use.
HEIGHT["training"] = len(LAYERS)


class Arrow(NamedTuple):
    file: Path
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.target}"

    @property
    def source_part(self) -> str:
        return _part(self.file)

    @property
    def target_part(self) -> str:
        return self.target.split(".")[1]

    @property
    def is_ours(self) -> bool:
        return self.target.startswith("genre_app.")


def _part(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py") if PACKAGE in file.parents else file.stem


def _files() -> list[Path]:
    return [*sorted(PACKAGE.rglob("*.py")), ROOT / "app.py"]


def _targets(node: ast.AST) -> list[str]:
    """Name the modules that a statement imports: ``from genre_app import ui`` means ``genre_app.ui``."""
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide arrows"
        assert node.module
        return [f"{node.module}.{name.name}" for name in node.names]
    return []


def _arrows() -> list[Arrow]:
    """Collect every import, inside functions and ``if TYPE_CHECKING`` too; the package's own front door aside."""
    return [
        Arrow(file, getattr(node, "lineno", 0), target)
        for file in _files()
        if file != PACKAGE / "__init__.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for target in _targets(node)
    ]


ARROWS = _arrows()
OURS = [arrow for arrow in ARROWS if arrow.is_ours]


def test_the_arrows_are_found_at_all() -> None:
    found = {(arrow.source_part, arrow.target_part) for arrow in OURS}
    assert {("service", "zerogpu"), ("cli", "service"), ("app", "ui"), ("training", "backends")} <= found


def test_every_part_has_its_place() -> None:
    parts = {_part(file) for file in _files()} - {"__init__"}
    assert parts - HEIGHT.keys() == set(), "give it a place in LAYERS"


def test_imports_point_down() -> None:
    wrong = [
        str(arrow)
        for arrow in OURS
        if {arrow.source_part, arrow.target_part} <= HEIGHT.keys()
        and arrow.source_part != arrow.target_part
        and not {arrow.source_part, arrow.target_part} <= BOTTOM
        and HEIGHT[arrow.target_part] >= HEIGHT[arrow.source_part]
    ]
    assert wrong == []


def test_only_the_entry_imports_the_page() -> None:
    assert {arrow.source_part for arrow in OURS if arrow.target_part == "ui"} == {"ui", "app"}


def test_nothing_imports_the_training() -> None:
    assert {arrow.source_part for arrow in OURS if arrow.target_part == "training"} <= {"training"}


def test_the_engine_knows_of_models_only_the_contract() -> None:
    arrows = [arrow for arrow in OURS if arrow.source_part == "engine" and arrow.target_part == "backends"]
    assert arrows
    assert all(arrow.target.startswith("genre_app.models.base.") for arrow in arrows)


def test_backends_see_arrays_and_never_tracks() -> None:
    readers = {"av", "soxr", "wave", "soundfile", "genre_app.audio", "diskcache", "gradio"}
    wrong = [
        str(arrow)
        for arrow in ARROWS
        if arrow.source_part == "backends" and any(f"{arrow.target}.".startswith(f"{name}.") for name in readers)
    ]
    assert wrong == []


def test_there_is_no_room_for_odds_and_ends() -> None:
    assert [str(file) for file in _files() if file.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_the_exported_names_are_these_and_all_can_be_imported() -> None:
    assert genre_app.__all__ == [
        "ClassificationResult",
        "GenreAppError",
        "GenreClassifier",
        "Settings",
        "SliceOptions",
        "__version__",
    ]
    assert [name for name in genre_app.__all__ if getattr(genre_app, name, None) is None] == []


def test_a_wrong_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Classifier'"):
        genre_app.Classifier  # noqa: B018


def test_importing_the_package_is_quick_and_loads_nothing_heavy() -> None:
    probe = (
        "import sys, time; started = time.perf_counter(); import genre_app; took = time.perf_counter() - started;"
        "heavy = {'torch', 'gradio', 'transformers', 'numpy', 'pydantic', 'av'} & sys.modules.keys();"
        "print(took, *sorted(heavy))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    assert {tuple(run.split()[1:]) for run in runs} == {()}
    assert min(float(run.split()[0]) for run in runs) < 0.3


def test_the_command_line_s_help_needs_no_torch() -> None:
    probe = "import sys, genre_app.cli.main; print('torch' in sys.modules, 'gradio' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
