"""The app beside the real library ``spaces``: registration, fork, pickles, quota and the visitor's token."""

import json
import shutil
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from gradio_client import Client, handle_file

from genre_app import ClassificationResult, GenreClassifier, Settings
from genre_app.examples import EXAMPLES
from tests.inference.zerogpu_space import BROKEN
from tests.serving import serve
from tests.sounds import noise, write_wav

pytestmark = pytest.mark.slow
_PAYLOAD: Final = urlsafe_b64encode(json.dumps({"user": "ana"}).encode()).decode().rstrip("=")
_TOKEN: Final = f"head.{_PAYLOAD}.tail"


class GpuOffice:
    """Stands for the service that lends GPUs on Hugging Face.

    Attributes
    ----------
    visits : list of tuple of str and dict
        What was asked for, and with which parameters; tests clear it.
    every_schedule : list of dict
        The parameters of every request for a GPU.
    mood : {"lend", "broken", "used up", "none"}
        What it does next.
    """

    def __init__(self) -> None:
        self.visits: list[tuple[str, dict[str, str]]] = []
        self.every_schedule: list[dict[str, str]] = []
        self.mood = "lend"
        office = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                url = urlsplit(self.path)
                parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
                office.visits.append((url.path, parameters))
                if url.path == "/schedule":
                    office.every_schedule.append(parameters)
                status, answer = office.answer(url.path)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - by the library
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, dict[str, object]]:
        if path != "/schedule" or self.mood in {"lend", "broken"}:
            index, uuid = (1, BROKEN) if self.mood == "broken" else (0, "GPU-0")
            return 200, {"idle": True, "nvidiaIndex": index, "nvidiaUUID": uuid, "allowToken": "token"}
        return (429, {"left": 3, "wait": 12_011}) if self.mood == "used up" else (503, {})

    def asked(self, path: str) -> list[dict[str, str]]:
        return [parameters for visited, parameters in self.visits if visited == path]


@pytest.fixture(scope="module")
def office() -> Iterator[GpuOffice]:
    office = GpuOffice()
    yield office
    office.server.shutdown()
    office.server.server_close()


@pytest.fixture(scope="module")
def space(office: GpuOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, which believes that it is on a ZeroGPU Space."""
    folder = tmp_path_factory.mktemp("space")
    environment = {
        "HF_HOME": str(folder / "hub"),
        "HOME": str(folder),
        "SPACES_ZERO_DEVICE_API_URL": f"http://127.0.0.1:{office.server.server_port}",
        "SPACES_ZERO_GPU": "true",
    }
    with serve(folder, program="tests/inference/zerogpu_space.py", cache=None, **environment) as server:
        yield server.address


def ask(space: str, path: Path, **options: object) -> ClassificationResult:
    """Classify a file as a visitor whose browser Hugging Face has given a token."""
    client = Client(space, verbose=False, headers={"X-IP-Token": _TOKEN}, download_files=path.parent)
    try:
        answer: Any = client.predict(handle_file(str(path)), facts=False, api_name="/classify", **options)
    finally:
        client.close()
    return ClassificationResult.model_validate(answer)


@pytest.fixture
def track(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Twelve seconds that no other test has heard."""
    seed = sum(map(ord, request.node.name))
    return write_wav(tmp_path / "noise.wav", noise(12.0, 16_000, seed=seed), 16_000)


def test_the_space_reports_its_functions_when_it_starts(office: GpuOffice, space: str) -> None:
    assert len(office.asked("/startup-report")) == 1


def test_the_examples_are_scored_ahead_at_nobody_s_cost(office: GpuOffice, space: str, tmp_path: Path) -> None:
    office.mood = "lend"
    for example in EXAMPLES:
        ask(space, Path(shutil.copy(example.path, tmp_path)))
    assert [parameters for parameters in office.every_schedule if "token" not in parameters] == []


@pytest.mark.parametrize("model", ["musicnn", "cnn"])
def test_a_track_is_one_call_that_its_visitor_pays(office: GpuOffice, space: str, track: Path, model: str) -> None:
    office.mood = "lend"
    office.visits.clear()
    result = ask(space, track, model=model)
    assert result.metadata.device == "cuda"
    assert result.metadata.fallback_reason is None
    (scheduled,) = office.asked("/schedule")
    assert scheduled["token"] == _TOKEN
    assert 12 <= int(scheduled["durationSeconds"]) <= 14
    assert [released["fail"] for released in office.asked("/release")] == ["false"]
    with GenreClassifier(Settings(model=model, device="cpu", precision="float32", cache_mb=0)) as usual:
        expected = usual.classify_file(track)
    assert [p.genre for p in result.predictions] == [p.genre for p in expected.predictions]
    assert [p.score for p in result.predictions] == pytest.approx([p.score for p in expected.predictions], abs=1e-4)


def test_the_same_track_again_costs_nothing(office: GpuOffice, space: str, track: Path) -> None:
    office.mood = "lend"
    ask(space, track)
    office.visits.clear()
    assert ask(space, track, window_seconds=5.0).metadata.cache_hit
    assert office.visits == []


@pytest.mark.parametrize("model", ["tags", "features"])
def test_what_is_quick_without_a_gpu_costs_nothing(office: GpuOffice, space: str, track: Path, model: str) -> None:
    office.visits.clear()
    result = ask(space, track, model=model)
    assert (result.metadata.device, result.metadata.fallback_reason) == ("cpu", None)
    assert office.visits == []


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("used up", "Your time on the shared GPU is used up; please try again in 3:20:11"),
        ("none", "No shared GPU became free in time"),
        ("broken", "The model failed on this track"),
    ],
)
def test_where_no_gpu_can_be_had_the_processor_answers(
    office: GpuOffice, space: str, track: Path, mood: str, says: str
) -> None:
    office.mood = mood
    result = ask(space, track)
    assert result.metadata.device == "cpu"
    assert result.metadata.fallback_reason is not None
    assert result.metadata.fallback_reason.startswith(says)
    assert result.metadata.fallback_reason.endswith("This answer comes from the slower processor instead.")
