"""What comes with an event is checked, and whatever goes wrong is a sentence."""

import json
from typing import Any, Final

import pytest

from tests.ui.gate.small_page import KNOWN, UNKNOWN, ask, file_at, http, number_of, upload

_HUGE: Final = 10**400
_NOT_UNDERSTOOD: Final = "not understood"


def sentence(answer: str) -> str:
    """The sentence of an error event."""
    assert answer.startswith("event: error\ndata: "), answer
    said = json.loads(answer.partition("data: ")[2])["error"]
    assert isinstance(said, str)
    assert said
    return said


@pytest.mark.parametrize(
    ("position", "value", "says"),
    [
        (0, "a text", "track must be a file, not 'a text'"),
        (0, 7, "track must be a file, not 7"),
        (0, [], "track must be a file, not []"),
        (0, {"no": "path"}, _NOT_UNDERSTOOD),
        (0, {"path": None, "meta": {"_type": "gradio.FileData"}}, _NOT_UNDERSTOOD),
        (0, {"path": "/etc/passwd"}, "no file that was uploaded here"),
        (0, {"path": "/etc/passwd", "meta": "x"}, _NOT_UNDERSTOOD),
        (0, file_at("/etc/passwd"), "no file that was uploaded here"),
        (0, file_at("../../../etc/passwd"), "no file that was uploaded here"),
        (0, file_at("/proc/self/environ"), "no file that was uploaded here"),
        (0, file_at("a\0b"), _NOT_UNDERSTOOD),
        (1, "ten", "seconds must be a number, not 'ten'"),
        (1, "x" * 5000, "seconds must be a number, not 'xxx"),
        (1, [1], "seconds must be a number, not [1]"),
        (1, {"a": 1}, "seconds must be a number, not {'a': 1}"),
        (1, True, "seconds must be a number, not True"),
        (1, float("nan"), "seconds cannot be nan"),
        (1, float("-inf"), "seconds cannot be -inf"),
        (1, _HUGE, "seconds cannot be 1000"),
        (2, 7, "text must be a text, not 7"),
        (2, ["a"], "text must be a text, not ['a']"),
        (3, "yes", "is_wanted must be true or false, not 'yes'"),
        (3, 1, "is_wanted must be true or false, not 1"),
    ],
)
def test_a_value_of_another_type_is_a_sentence_that_names_it(
    address: str, position: int, value: Any, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    data: list[Any] = [None, 1, "", False]
    data[position] = value
    said = sentence(ask(address, data))
    assert says in said
    assert len(said) < 200
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("data", [[], [None], [None, 1, ""]])
def test_too_few_values_are_a_sentence(address: str, data: list[Any]) -> None:
    said = sentence(ask(address, data))
    assert f"seconds, text, is_wanted; only {len(data) or 'none'} came" in said


def test_nothing_is_a_value(address: str) -> None:
    assert ask(address, [None, None, None, None]).startswith("event: complete")


def test_an_upload_is_a_value(address: str) -> None:
    assert '"n_bytes": 4' in ask(address, [file_at(upload(address)), 1, "", True])


def test_what_an_event_raises_is_its_sentence(address: str) -> None:
    assert sentence(ask(address, [None, 1, KNOWN, False])) == "This cannot be measured."


def test_what_nobody_foresaw_is_a_sentence_without_details(address: str) -> None:
    said = sentence(ask(address, [None, 1, UNKNOWN, False]))
    assert said.startswith("Something went wrong")
    assert "private" not in said


def join(address: str, name: str, **headers: str) -> str:
    """Start an event by its number, as the page does; the last message of its stream."""
    body = {"data": [3], "fn_index": number_of(address, name), "session_hash": "s1"}
    http("POST", f"{address}/gradio_api/queue/join", json=body, headers=headers).raise_for_status()
    stream = http("GET", f"{address}/gradio_api/queue/data?session_hash=s1").text
    return [line for line in stream.splitlines() if "process_completed" in line][-1]


def test_an_event_of_the_page_is_not_called_by_its_name(address: str) -> None:
    assert http("POST", f"{address}/gradio_api/call/internal", json={"data": [3]}).status_code == 404


def test_an_event_of_the_page_is_not_called_by_its_number(address: str) -> None:
    assert "This belongs to the page; programs call /measure." in join(address, "internal")


def test_nor_as_a_published_one_with_that_number(address: str) -> None:
    answer = ask(address, [3], fn_index=number_of(address, "internal"))
    assert "internal 3" not in answer


def test_nor_without_the_line(address: str) -> None:
    said = http(
        "POST", f"{address}/gradio_api/run/measure", json={"data": [], "fn_index": number_of(address, "unqueued")}
    ).json()
    assert "belongs to the page" in said["error"]


def test_the_page_itself_calls_it(address: str) -> None:
    assert "internal 3" in join(address, "internal", Origin=address)
    answer = http("POST", f"{address}/gradio_api/run/unqueued", json={"data": []}, headers={"Origin": address})
    assert answer.json()["data"] == ["unqueued"]
