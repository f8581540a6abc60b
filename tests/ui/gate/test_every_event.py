"""Every event of the real page meets values that its page never sends."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.serving import Server
from tests.ui.gate.small_page import file_at, http

_NONSENSE: Final = [None, "a text", -1, 1e9, True, [], {}, {"path": "/etc/passwd"}, file_at("/etc/passwd"), [[1]]]


@pytest.fixture(scope="module")
def events(server: Server) -> list[dict[str, Any]]:
    config = http("GET", f"{server.address}/config").json()
    found: list[dict[str, Any]] = [event for event in config["dependencies"] if event["backend_fn"]]
    return found


def outcomes(server: Server, events: list[dict[str, Any]], value: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Start all events as the page does, with the same value for everything; name and last message of each."""
    names = {}
    for event in events:
        body = {"data": [value] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "nonsense"}
        route = "queue/join" if event["queue"] else f"run/{event['api_name']}"
        answer = http("POST", f"{server.address}/gradio_api/{route}", json=body, headers={"Origin": server.address})
        if event["queue"]:
            names[answer.json()["event_id"]] = event["api_name"]
        else:
            yield event["api_name"], {"success": answer.status_code == 200, "output": answer.json()}
    stream = http("GET", f"{server.address}/gradio_api/queue/data?session_hash=nonsense", timeout=60).text
    for line in stream.splitlines():
        message = json.loads(line.removeprefix("data:") or "{}")
        if message.get("msg") == "process_completed":
            yield names.pop(message["event_id"]), message
    assert not names


@pytest.mark.parametrize("value", _NONSENSE, ids=str)
def test_nonsense_is_a_sentence_or_nothing(server: Server, events: list[dict[str, Any]], value: object) -> None:
    log_start = len(server.log.read_text())
    assert len(events) > 20
    for name, message in outcomes(server, events, value):
        said = message["output"].get("error", "") if not message["success"] else "fine"
        assert isinstance(said, str), name
        assert said, name
        assert "Something went wrong" not in said, name
    assert "Traceback" not in server.log.read_text()[log_start:]
