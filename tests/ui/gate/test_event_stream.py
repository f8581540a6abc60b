"""The stream of events ends for the page only once no event waits for an answer, and a cut one does not look open.

Server and page are played.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from genre_app.ui.static import script

pytestmark = pytest.mark.browser

#: A server whose answers the tests give, in place of the network; ``heard`` is what the page hears.
_PLAYED: Final = """() => {
    const streams = [], joins = [], heard = [];
    window.fetch = async (asked) => {
        if (String(asked.url ?? asked).includes("/queue/join")) return new Promise((resolve) => joins.push(resolve));
        let stream;
        const body = new ReadableStream({ start: (controller) => { stream = controller; } });
        streams.push(stream);
        return new Response(body);
    };
    const bytes = (text) => new TextEncoder().encode(text);
    window.played = {
        heard, streams,
        send: () => fetch("https://app.test/gradio_api/queue/join?"),
        accept: (i, id) => joins[i](new Response(JSON.stringify({ event_id: id }))),
        say: (i, msg, event_id) => streams[i].enqueue(bytes(`data: ${JSON.stringify({ msg, event_id })}\\n\\n`)),
        end: (i) => {
            const text = 'data: {"msg":"close_stream"}\\n\\n';
            streams[i].enqueue(bytes(text.slice(0, 9)));
            streams[i].enqueue(bytes(text.slice(9)));
            streams[i].close();
        },
        cut: (i) => streams[i].close(),
        listen: async () => {
            const answer = await fetch("https://app.test/gradio_api/queue/data?session_hash=x");
            try {
                for await (const part of answer.body.pipeThrough(new TextDecoderStream()))
                    for (const [, msg] of part.matchAll(/"msg":"(\\w+)"/g)) heard.push(msg);
                heard.push("end");
            } catch {
                heard.push("broken");
            }
        },
        settle: () => new Promise((resolve) => setTimeout(resolve, 20)),
    };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.evaluate(_PLAYED)
    page.evaluate(f"() => {{ {script('event_stream.js')} }}")
    page.evaluate("() => { void played.listen(); void played.send(); }")
    do(page, "played.accept(0, 'a')")
    yield page
    page.close()


def do(page: Page, step: str) -> Any:
    """Run a step and let the page follow; the messages that it has heard, and how many streams it asked for."""
    heard = page.evaluate(f"async () => {{ {step}; await played.settle(); return played.heard; }}")
    return heard, page.evaluate("() => played.streams.length")


def test_it_ends_when_all_is_answered(page: Page) -> None:
    assert do(page, "played.say(0, 'process_completed', 'a')") == (["process_completed"], 1)
    assert do(page, "played.end(0)") == (["process_completed", "close_stream", "end"], 1)


def test_an_event_that_is_sent_while_it_ends_is_answered_by_the_next(page: Page) -> None:
    do(page, "void played.send(); played.say(0, 'process_completed', 'a')")
    assert do(page, "played.end(0)") == (["process_completed"], 2)
    do(page, "played.accept(1, 'b')")
    do(page, "played.say(1, 'process_completed', 'b')")
    assert do(page, "played.end(1)") == (["process_completed", "process_completed", "close_stream", "end"], 2)


def test_an_event_that_was_accepted_while_it_ended_is_answered_by_the_next(page: Page) -> None:
    do(page, "void played.send(); played.accept(1, 'b'); played.say(0, 'process_completed', 'a')")
    assert do(page, "played.end(0)") == (["process_completed"], 2)


def test_an_event_that_is_slow_to_be_accepted_holds_up_no_other(page: Page) -> None:
    do(page, "void played.send(); played.say(0, 'process_completed', 'a')")
    do(page, "void played.send(); played.end(0)")
    do(page, "played.accept(2, 'c')")
    assert do(page, "played.say(1, 'process_completed', 'c')") == (["process_completed"] * 2, 2)


def test_an_answer_may_come_before_the_word_that_the_event_is_accepted(page: Page) -> None:
    do(page, "void played.send(); played.say(0, 'process_completed', 'a')")
    do(page, "played.say(0, 'process_completed', 'b')")
    do(page, "played.accept(1, 'b')")
    assert do(page, "played.end(0)")[0][-2:] == ["close_stream", "end"]


def test_an_event_that_is_refused_keeps_nothing_open(page: Page) -> None:
    do(page, "void played.send(); played.say(0, 'process_completed', 'a')")
    do(page, "played.accept(1, undefined)")
    assert do(page, "played.end(0)")[0][-2:] == ["close_stream", "end"]


def test_a_stream_that_is_cut_before_an_answer_is_broken(page: Page) -> None:
    do(page, "played.say(0, 'process_generating', 'a')")
    assert do(page, "played.cut(0)") == (["process_generating", "broken"], 1)


def test_a_stream_that_is_cut_after_the_last_answer_has_ended(page: Page) -> None:
    do(page, "played.say(0, 'process_completed', 'a')")
    assert do(page, "played.cut(0)") == (["process_completed", "close_stream", "end"], 1)


def test_an_event_that_is_sent_while_the_stream_is_cut_finds_it_ended(page: Page) -> None:
    do(page, "played.say(0, 'process_completed', 'a')")
    do(page, "void played.send(); played.cut(0)")
    assert do(page, "played.accept(1, 'b')") == (["process_completed", "close_stream", "end"], 1)


def test_an_error_of_the_whole_server_answers_all(page: Page) -> None:
    do(page, "played.say(0, 'unexpected_error', undefined)")
    assert do(page, "played.cut(0)") == (["unexpected_error", "close_stream", "end"], 1)
