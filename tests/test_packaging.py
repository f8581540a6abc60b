"""The wheel: what it holds, and what it can do where the checkout is not."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from genre_app import __version__
from tests.paths import ROOT

#: What the build reads.
SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "requirements.txt")
PACKAGE: Final = "genre_app"
EXAMPLE: Final = f"{PACKAGE}/examples/audio/piano-prelude.mp3"

Genre = Callable[..., "subprocess.CompletedProcess[str]"]


def call(*command: str | Path, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a program in a folder, with nothing in its environment that leads to the checkout."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=folder, env={**own, **environment}, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy: a build leaves files beside its sources."""
    folder = tmp_path_factory.mktemp("build")
    source = folder / "source"
    shutil.copytree(ROOT / PACKAGE, source / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    for name in ("tests/__init__.py", "tools/__init__.py", f"{PACKAGE}/__pycache__/errors.cpython-312.pyc"):
        (source / name).parent.mkdir()
        (source / name).touch()  # must not get into the wheel
    build = call(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"),
        *("--wheel-dir", folder, source),
        folder=folder,
    )
    assert build.returncode == 0, build.stdout + build.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def held(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> dict[str, list[str]]:
    """The head of the wheel's metadata."""
    with ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        head = archive.read(path).decode().partition("\n\n")[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([\w-]+): (.*)$", head, flags=re.MULTILINE):
        fields.setdefault(name, []).append(value)
    return fields


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, to which this one lends everything else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    install = call(
        *(sys.executable, "-m", "pip", "--python", folder, "install", "--quiet", "--no-deps", "--no-index"),
        *("--no-compile", wheel),
        folder=folder,
    )
    assert install.returncode == 0, install.stdout + install.stderr
    assert {path.name.split("-")[0] for path in site_packages.iterdir()} == {PACKAGE}
    lent = [path for path in sys.path if Path(path).name == "site-packages"]
    (site_packages / "lent.pth").write_text("\n".join(lent))
    return folder


@pytest.fixture
def genre(installed: Path, tmp_path: Path) -> Genre:
    """Run the installed command, away from the checkout; a warning is an error."""
    return lambda *arguments, **environment: call(
        installed / "bin" / "genre", *arguments, folder=tmp_path, **{"PYTHONWARNINGS": "error", **environment}
    )


def test_the_wheel_holds_every_file_of_the_package(held: set[str]) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    assert {name for name in held if name.startswith(f"{PACKAGE}/")} == wanted
    assert {PurePosixPath(name).suffix for name in wanted} >= {".css", ".html", ".js", ".mp3", ".safetensors", ".typed"}


def test_the_wheel_holds_nothing_else_but_the_licences(held: set[str]) -> None:
    dist_info = f"{PACKAGE}-{__version__}.dist-info"
    assert {name.split("/")[0] for name in held} == {PACKAGE, dist_info}
    assert {f"{dist_info}/licenses/LICENSE", f"{dist_info}/licenses/NOTICE"} <= held


def test_pip_installs_what_a_space_installs(metadata: dict[str, list[str]]) -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = {str(Requirement(line)) for line in lines if line and not line.startswith("#")}
    assert {str(Requirement(line)) for line in metadata["Requires-Dist"]} == pins


def test_the_version_is_that_of_the_package(metadata: dict[str, list[str]]) -> None:
    assert metadata["Version"] == [__version__]
    elsewhere = [name for name in SOURCES if f'"{__version__}"' in (ROOT / name).read_text(encoding="utf-8")]
    assert [name for name in elsewhere if name != "README.md"] == [], "README.md names the schema's version"


def test_pip_takes_the_pythons_that_the_setup_takes(metadata: dict[str, list[str]]) -> None:
    (wanted,) = metadata["Requires-Python"]
    supported = SpecifierSet(wanted)
    assert [minor for minor in range(8, 16) if f"3.{minor}.0" in supported] == [11, 12]
    assert "not in {(3, 11), (3, 12)}" in (ROOT / "scripts" / "setup").read_text(encoding="utf-8")


def test_what_is_imported_is_what_is_installed(installed: Path, tmp_path: Path) -> None:
    where = call(installed / "bin" / "python", "-c", "import genre_app; print(genre_app.__file__)", folder=tmp_path)
    assert installed in Path(where.stdout.strip()).parents, where.stderr


def test_the_command_says_its_version(genre: Genre) -> None:
    said = genre("--version")
    assert (said.stdout, said.stderr, said.returncode) == (f"genre_app, version {__version__}\n", "", 0)


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (("--help",), "Usage: genre [OPTIONS] PATH..."),
        (("models", "--help"), "Usage: genre models [OPTIONS] [COMMAND] [ARGS]..."),
        (("models", "download", "-h"), "Usage: genre models download [OPTIONS] ID"),
        (("serve", "--help"), "Usage: genre serve [OPTIONS]"),
    ],
)
def test_the_help_shows_what_was_typed(genre: Genre, arguments: tuple[str, ...], usage: str) -> None:
    said = genre(*arguments)
    assert (said.stderr, said.returncode) == ("", 0)
    assert said.stdout.splitlines()[0] == usage
    assert "python -m" not in said.stdout


def test_the_installed_command_names_a_genre(genre: Genre, tmp_path: Path) -> None:
    track = shutil.copy(ROOT / EXAMPLE, tmp_path / "track.mp3")
    said = genre(track, "--no-facts", "--quiet", "--device", "cpu", GENRE_MODEL="musicnn")
    assert (said.stderr, said.returncode) == ("", 0)
    assert json.loads(said.stdout)["predicted_genre"] == "classical"


def test_the_installed_command_builds_the_page_and_says_that_its_port_is_in_use(genre: Genre) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        # Gradio leaves its probe of the port open.
        said = genre("serve", "--port", str(port), GENRE_MODEL="musicnn", PYTHONWARNINGS="ignore::ResourceWarning")
    assert (said.stdout, said.returncode) == ("", 1)
    assert said.stderr.startswith(f"The page cannot be served: port {port} is in use")
    assert len(said.stderr.splitlines()) == 1
