"""The API: the endpoints that the README shows."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from genre_app.models.catalogue import catalogue
from genre_app.results.schema import ClassificationResult
from tests.serving import Server


@pytest.fixture(scope="module")
def client(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(server.address, verbose=False, download_files=tmp_path_factory.mktemp("client"))
    yield client
    client.close()


def described(client: Client) -> dict[str, Any]:
    api: dict[str, Any] = client.view_api(return_format="dict", print_info=False)
    return api


def test_these_are_the_endpoints(client: Client) -> None:
    api = described(client)
    assert sorted(api["named_endpoints"]) == ["/classify", "/models"]
    assert api["unnamed_endpoints"] == {}


def test_every_parameter_has_a_name_a_type_and_a_default(client: Client) -> None:
    parameters = described(client)["named_endpoints"]["/classify"]["parameters"]
    shown = [(p["parameter_name"], p["python_type"]["type"], p["parameter_default"]) for p in parameters]
    assert shown == [
        ("track", "filepath", None),
        ("window_seconds", "float", 30.0),
        ("overlap", "float", 0.25),
        ("top_k", "int", 5),
        ("smoothing_seconds", "float", 0.0),
        ("model", "str", "musicnn"),
        ("facts", "bool", True),
    ]


def test_the_endpoints_say_what_they_do(client: Client) -> None:
    endpoints = described(client)["named_endpoints"]
    assert "genre of a recording" in endpoints["/classify"]["description"]
    assert "models" in endpoints["/models"]["description"]


def test_a_track_gets_a_result_of_the_published_schema(client: Client, short_track: Path) -> None:
    answer = client.predict(
        track=handle_file(short_track), window_seconds=2, overlap=0.5, top_k=3, api_name="/classify"
    )
    result = ClassificationResult.model_validate(answer)
    assert result.metadata.track_name == short_track.name
    assert (result.metadata.window_seconds, result.metadata.overlap) == (2.0, 0.5)
    assert [len(chunk.scores) for chunk in result.chunk_predictions] == [3, 3, 3]
    assert result.facts is not None


def test_another_model_and_no_facts(client: Client, short_track: Path) -> None:
    answer = client.predict(track=handle_file(short_track), model="cnn", facts=False, api_name="/classify")
    result = ClassificationResult.model_validate(answer)
    assert result.metadata.model_name == "cnn"
    assert result.facts is None


def test_several_clients_at_once(client: Client, long_track: Callable[[int], Path]) -> None:
    jobs = [
        client.submit(track=handle_file(long_track(seconds)), facts=False, api_name="/classify")
        for seconds in (11, 12, 13)
    ]
    lengths = [ClassificationResult.model_validate(job.result(60)).metadata.duration_seconds for job in jobs]
    assert lengths == [11.0, 12.0, 13.0]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"window_seconds": 9999}, "window seconds cannot be 9999"),
        ({"overlap": 1.5}, "overlap cannot be 1.5"),
        ({"top_k": 0}, "top k cannot be 0"),
        ({"top_k": None}, "top k cannot be None"),
        ({"overlap": None}, "overlap cannot be None"),
        ({"top_k": "five"}, "top_k must be a number, not 'five'"),
        ({"overlap": [0.5]}, r"overlap must be a number, not \[0.5\]"),
        ({"smoothing_seconds": 10**400}, "smoothing_seconds cannot be 1000"),
        ({"model": 7}, "model must be a text, not 7"),
        ({"facts": "yes"}, "facts must be true or false, not 'yes'"),
        ({"track": "/etc/passwd"}, "track must be a file, not '/etc/passwd'"),
        ({"track": handle_file("http://192.0.2.1/song.mp3")}, "fetches nothing from other addresses"),
        ({"track": None}, "no recording"),
        ({"model": "/etc"}, "no model called '/etc' here; choose one of: musicnn"),
    ],
)
def test_what_cannot_be_asked_for_is_a_sentence(
    client: Client, short_track: Path, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError, match=sentence):
        client.predict(**{"track": handle_file(short_track), **wrong}, api_name="/classify")


def test_a_file_without_sound_is_a_sentence(client: Client, tmp_path: Path) -> None:
    text = tmp_path / "letter.mp3"
    text.write_text("Dear Sir or Madam")
    with pytest.raises(AppError, match=r"letter\.mp3"):
        client.predict(track=handle_file(text), api_name="/classify")


def test_the_models_are_listed_with_their_accuracy(client: Client) -> None:
    models = client.predict(api_name="/models")
    assert models[0]["name"] == "musicnn"
    assert {model["name"] for model in models} == {entry.name for entry in catalogue()}
    assert all(model["accuracy"] and model["licence"] and model["limits"] for model in models)


def _uploaded(server: Server, track: Path) -> str:
    """Upload a track as a program does that only speaks HTTP; return its path on the server."""
    answer = httpx.post(f"{server.address}/gradio_api/upload", files={"files": (track.name, track.read_bytes())})
    (path,) = answer.json()
    return str(path)


def _called(server: Server, body: dict[str, Any], *, by_name: bool) -> str:
    """Call ``/classify`` over HTTP; return the last event, or the refusal."""
    url = f"{server.address}/gradio_api/call"
    asked = httpx.post(f"{url}/v2/classify" if by_name else f"{url}/classify", json=body)
    if asked.status_code != 200:
        return asked.text
    return httpx.get(f"{url}/classify/{asked.json()['event_id']}", timeout=60).text


def test_an_uploaded_track_is_classified_over_http(server: Server, short_track: Path) -> None:
    uploaded = {"path": _uploaded(server, short_track)}
    for answer in (
        _called(server, {"data": [uploaded, 30, 0.25, 5, 0, "musicnn", False]}, by_name=False),
        _called(server, {"track": uploaded, "facts": False}, by_name=True),
    ):
        event, data = answer.strip().split("\n", 1)
        assert event == "event: complete"
        (result,) = json.loads(data.removeprefix("data: "))
        assert ClassificationResult.model_validate(result).metadata.track_name == short_track.name


def test_a_wrong_call_over_http_is_a_sentence(server: Server, short_track: Path) -> None:
    assert "only 1 came" in _called(server, {"data": [None]}, by_name=False)
    assert "required argument: track" in _called(server, {}, by_name=True)
    assert "`windows` is not a valid" in _called(server, {"track": None, "windows": 3}, by_name=True)
    local = [{"path": str(short_track)}, 30, 0.25, 5, 0, "musicnn", False]
    assert "no file that was uploaded here" in _called(server, {"data": local}, by_name=False)


Answers = tuple[dict[str, dict[str, Any]], list[tuple[bool, str]]]


async def _as_assistant(address: str, calls: list[dict[str, Any]]) -> Answers:
    """Ask the page as an assistant would: the parameters of each tool, and whether each call failed and its text."""
    async with (
        streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = {tool.name: tool.inputSchema["properties"] for tool in (await session.list_tools()).tools}
        answers = [await session.call_tool("classify", call) for call in calls]
        return tools, [(answer.isError, answer.content[0].text) for answer in answers]


def _asked(server: Server, *calls: dict[str, Any]) -> Answers:
    with ThreadPoolExecutor(1) as pool:  # in a thread of its own, for Playwright keeps an event loop in this one
        return pool.submit(asyncio.run, _as_assistant(server.address, list(calls))).result(60)


def test_the_same_endpoints_are_tools_of_language_models(server: Server) -> None:
    tools, _ = _asked(server)
    assert set(tools) == {"classify", "models"}
    assert set(tools["classify"]) == {
        "track", "window_seconds", "overlap", "top_k", "smoothing_seconds", "model", "facts"
    }  # fmt: skip
    assert all(parameter["description"] for parameter in tools["classify"].values())


def test_a_language_model_classifies_an_upload_and_what_it_sends_as_text(server: Server, short_track: Path) -> None:
    path = _uploaded(server, short_track)
    content = f"data:audio/wav;base64,{base64.b64encode(short_track.read_bytes()).decode()}"
    tracks = [path, f"{server.address}/gradio_api/file={path}", content]
    _, answers = _asked(server, *({"track": track, "facts": False} for track in tracks))
    for is_error, text in answers:
        assert not is_error, text
        assert ClassificationResult.model_validate_json(text).metadata.duration_seconds == pytest.approx(4, abs=0.1)


def test_what_a_language_model_cannot_ask_for_is_a_sentence(server: Server, short_track: Path) -> None:
    wrong = {
        str(short_track): "no file that was uploaded here",  # a path of the server's own machine
        "song.mp3": "send its content as data:audio/mpeg;base64,…",
        "data:audio/wav;base64,?": "is empty",
        "http://192.0.2.1/song.mp3": "fetches nothing from other addresses",
    }
    _, answers = _asked(server, *({"track": track} for track in wrong), {"track": "/x", "windows": 3})
    for (is_error, text), sentence in zip(answers, [*wrong.values(), "`windows` is not a valid"], strict=True):
        assert is_error
        assert sentence in text
        assert "click" not in text
