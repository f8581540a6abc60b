"""What a deployment reads: the head of the README, the Dockerfile, and the guide."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import gradio
import pytest
import spaces
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement

from genre_app import Settings
from genre_app.models.catalogue import catalogue
from genre_app.models.registry import PREFERRED
from tests.paths import ROOT

GUIDE: Final = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
#: Thumbnail colours that Hugging Face accepts.
COLOURS: Final = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


@pytest.fixture(scope="module")
def head() -> dict[str, Any]:
    """The settings of the Space."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n"), "Hugging Face looks for them in the first line"
    settings: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return settings


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: str(requirement.specifier).removeprefix("==") for requirement in wanted}


def test_the_space_runs_the_versions_that_are_pinned(head: dict[str, Any], pins: dict[str, str]) -> None:
    assert head["sdk"] == "gradio"
    assert head["sdk_version"] == pins["gradio"] == gradio.__version__
    assert head["python_version"] == "3.12"
    assert pins["torch"] == pins["torchaudio"]
    assert tuple(map(int, pins["torch"].split("."))) < (2, 12), "ZeroGPU has no later one"
    assert spaces.__file__


def test_the_space_starts_the_app(head: dict[str, Any]) -> None:
    assert (ROOT / head["app_file"]).is_file()
    assert head["license"] == "mit"
    assert "MIT" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_hugging_face_accepts_what_is_shown(head: dict[str, Any]) -> None:
    assert {head["colorFrom"], head["colorTo"]} <= COLOURS
    assert len(head["short_description"]) <= 60
    assert len(head["emoji"]) <= 2
    assert head["title"]
    assert all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in head["tags"])


def test_the_models_of_the_hub_are_named_and_none_has_to_be_there(head: dict[str, Any]) -> None:
    of_the_hub = [entry.hub_id for entry in catalogue() if entry.hub_id]
    assert head["models"] == of_the_hub
    assert PREFERRED in of_the_hub
    assert "preload_from_hub" not in head, "a build fails where a repository has no files"
    (block,) = re.findall(r"```yaml\n(preload_from_hub:.*?)```", GUIDE, flags=re.DOTALL)
    assert yaml.safe_load(block) == {"preload_from_hub": of_the_hub}


def instructions() -> list[tuple[str, str]]:
    """Read the Dockerfile: name and arguments of each instruction."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(name, arguments.strip()) for name, _, arguments in (line.partition(" ") for line in lines if line)]


def arguments_of(name: str) -> list[str]:
    return [arguments for instruction, arguments in instructions() if instruction == name]


def environment() -> dict[str, str]:
    pairs = [pair.partition("=") for line in arguments_of("ENV") for pair in shlex.split(line)]
    return {name: value for name, _, value in pairs}


def copied() -> list[str]:
    return [source for line in arguments_of("COPY") for source in shlex.split(line)[:-1]]


def test_the_image_holds_what_the_app_needs(pins: dict[str, str]) -> None:
    assert {"app.py", "genre_app", "requirements.txt", "LICENSE", "NOTICE"} == set(copied())
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert (ROOT / "genre_app" / "weights" / "musicnn_msd.safetensors").is_file()
    assert arguments_of("FROM") == ["python:3.12-slim"]


def test_what_is_copied_is_sent_to_docker_and_nothing_else() -> None:
    rules = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]

    def is_sent(name: str) -> bool:
        sent = True
        for rule in rules:
            if fnmatch(name, rule.removeprefix("!")):
                sent = rule.startswith("!")
        return sent

    assert [name for name in copied() if not is_sent(name)] == []
    assert [name for name in (".venv", ".git", "tests", "tools", "docs", ".env") if is_sent(name)] == []


def test_the_packages_are_installed_before_the_app_is_copied() -> None:
    order = [f"{name} {arguments}" for name, arguments in instructions()]
    positions = [
        next(i for i, line in enumerate(order) if line.startswith(start))
        for start in ("COPY requirements.txt", "RUN pip install", "COPY genre_app", "USER", "CMD")
    ]
    assert positions == sorted(positions)


def test_the_container_is_not_root_and_can_write_only_where_it_should() -> None:
    (user,) = arguments_of("USER")
    assert user.isdigit()
    assert int(user) > 0
    assert f"--uid {user}" in " ".join(arguments_of("RUN"))
    (volume,) = arguments_of("VOLUME")
    folders = {name: value for name, value in environment().items() if name.endswith(("_DIR", "_HOME", "DIR"))}
    assert {"GENRE_CACHE_DIR", "HF_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR"} == folders.keys()
    assert [name for name, value in folders.items() if not value.startswith(f"{volume}/")] == []


def test_the_container_listens_where_it_says() -> None:
    port = environment()["GRADIO_SERVER_PORT"]
    assert arguments_of("EXPOSE") == [port]
    assert environment()["GRADIO_SERVER_NAME"] == "0.0.0.0"
    assert f":{port} --volume" in GUIDE
    (health,) = arguments_of("HEALTHCHECK")
    compile(re.findall(r'"((?:[^"\\]|\\.)*)"', health)[2].replace('\\"', '"'), "healthcheck", "exec")


def test_no_package_registry_is_named() -> None:
    text = GUIDE + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"pypi|whl/cpu|download\.pytorch|docker\.io|ghcr", text) == []
    assert 'PIP_EXTRA_INDEX_URL=""' in arguments_of("ARG")


def test_the_guide_lists_all_settings_and_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = re.findall(r"^\| `GENRE_(\w+)` \| (.*?) \|", GUIDE, flags=re.MULTILINE)
    documented = {name.lower(): default for name, default in rows}
    assert list(documented) == list(Settings.model_fields)
    for name, default in documented.items():
        field = Settings.model_fields[name]
        if value := re.fullmatch("`(.*)`", default):
            monkeypatch.setenv(f"GENRE_{name.upper()}", value[1])
            assert getattr(Settings(), name) == field.default
            monkeypatch.delenv(f"GENRE_{name.upper()}")
        elif default == "none":
            assert not field.default
        else:
            assert field.default_factory is not None, default


def test_every_setting_elsewhere_in_the_guide_exists() -> None:
    names = set(re.findall(r"GENRE_(\w+)", GUIDE + (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    assert {name.lower() for name in names} <= Settings.model_fields.keys()


def test_links_within_the_guide_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", GUIDE, flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", GUIDE)) <= anchors
    files = re.findall(r"`((?:genre_app|scripts|docs)/[\w./-]+)`", GUIDE)
    assert len(files) >= 3
    assert [file for file in files if not (ROOT / file.split()[0]).exists()] == []


def test_the_guide_names_limits_as_they_are() -> None:
    from genre_app.inference.zerogpu_engine import _AUDIO_S_PER_S, _START_S
    from genre_app.ui.server import MOST_WAITING
    from genre_app.ui.shared.analysis_threads import MOST_TRACKS

    limits = GUIDE.partition("### Limits")[2].partition("## Docker")[0]
    shown = {int(number) for number in re.findall(r"^\|[^|]*\| (\d+)", limits, flags=re.MULTILINE)}
    settings = Settings(cache_dir=Path())
    assert shown == {
        settings.max_file_mb,
        int(settings.max_minutes),
        MOST_TRACKS,
        MOST_WAITING,
        settings.max_visit_mb,
        settings.cache_mb,
    }
    assert f"{_START_S} for the start, and 1 for every {_AUDIO_S_PER_S / 60:g} minutes" in GUIDE


def test_the_tests_that_the_threat_model_names_exist() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py|…)::(\w+)`", text)
    assert len(named) > 30
    file = ""
    for name, function in named:
        file = file if name == "…" else name
        assert f"def {function}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{function}"
