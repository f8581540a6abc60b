"""Shared links: an address restores a result, and untrusted parameters do no harm."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import gradio as gr
import pytest
from playwright.sync_api import expect

from genre_app.errors import InvalidOptionError
from genre_app.examples import EXAMPLES
from genre_app.results.schema import SliceOptions, TrackFacts
from genre_app.results.track_logits import WindowLayout
from genre_app.ui.one_track.links import SharedLinks
from genre_app.ui.one_track.result_link import ResultLink, read_link
from genre_app.ui.shared.sessions import Sessions
from tests.results.test_build import scored_track
from tests.sounds import music, write_wav
from tests.ui.tabs import violations
from tests.ui.visit import LEAVING, Visit

SHA256 = "0123456789abcdef" * 4
WHOLE = {
    "track": SHA256,
    "name": "song.mp3",
    "model": "musicnn",
    "window": "10",
    "overlap": "0.5",
    "top": "3",
    "smoothing": "2",
}


def test_what_is_written_is_read() -> None:
    link = ResultLink(SHA256, "Größte & längste.mp3", "musicnn", SliceOptions(window_seconds=12, overlap=0.35))
    assert read_link(dict(parse_qsl(link.query()))) == link


def test_the_address_is_the_documented_one() -> None:
    link = ResultLink(SHA256, "song.mp3", "musicnn", SliceOptions())
    assert link.query() == (f"track={SHA256}&name=song.mp3&model=musicnn&window=30&overlap=0.25&top=5&smoothing=0")


@pytest.mark.parametrize("parameters", [{}, {"__theme": "dark"}, {"name": "song.mp3"}])
def test_the_page_s_own_address_is_no_link(parameters: dict[str, str]) -> None:
    assert read_link(parameters) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"track": ""},
        {"track": SHA256[:-1]},
        {"track": SHA256.upper()},
        {"track": "\u0660" * 64},
        {"track": f"{SHA256}\n"},
        {"track": "../" * 21 + "x"},
        {"model": ""},
        {"model": "m" * 1000},
        {"window": ""},
        {"window": "nan"},
        {"window": "1e1"},
        {"window": "-10"},
        {"window": "2"},
        {"window": "61"},
        {"window": "\uff11\uff10"},
        {"overlap": "0.95"},
        {"overlap": "1"},
        {"top": "0"},
        {"top": "2.5"},
        {"top": "11"},
        {"smoothing": "31"},
        {"smoothing": "inf"},
    ],
)
def test_nonsense_is_a_sentence(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidOptionError, match=r"^[A-Z].*\.$"):
        read_link(WHOLE | wrong)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("song\x00\r\n\tname.mp3", "songname.mp3"),
        ("gpj\u202eexe.mp3", "gpjexe.mp3"),
        ("  a   b  ", "a b"),
        ("x" * 500, "x" * 120),
        ("", "A recording"),
        ("\u200b\x07", "A recording"),
        ("<b>", "<b>"),
    ],
)
def test_a_name_is_text_of_some_length(name: str, shown: str) -> None:
    link = read_link(WHOLE | {"name": name})
    assert link is not None
    assert link.name == shown


PAGE = "http://here.example/"


def shared_links(cache_mb: int = 1, sessions: Sessions | None = None) -> SharedLinks:
    pool = SimpleNamespace(settings=SimpleNamespace(cache_mb=cache_mb), offered=lambda: ("musicnn",))
    return SharedLinks(pool, sessions or Sessions(), lambda *_: (), n_charts=0)  # type: ignore[arg-type]


def opened(links: SharedLinks, parameters: dict[str, str]) -> tuple[Any, ...]:
    request = SimpleNamespace(session_hash="visitor", query_params=parameters)
    return links.open(request, PAGE)  # type: ignore[arg-type]


def recall_with_tempo(_: SharedLinks, link: ResultLink) -> Any:
    return replace(scored_track(), key=link.audio_sha256, facts=TrackFacts(tempo_bpm=102.0))


def test_without_a_cache_a_link_says_so() -> None:
    assert "keeps no results" in opened(shared_links(cache_mb=0), WHOLE)[1]["value"]


def test_the_page_alone_changes_nothing() -> None:
    assert all(update == gr.skip() for update in opened(shared_links(), {}))


def test_a_link_opens_with_all_that_is_known_in_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedLinks, "_recall", recall_with_tempo)
    *_, insights, address, json_text = opened(shared_links(), WHOLE)
    assert "102 BPM" in insights
    assert f"{PAGE}?track={SHA256}&amp;" in address
    assert json.loads(json_text)["facts"]["tempo_bpm"] == 102


def test_a_recording_that_came_before_the_link_was_opened_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SharedLinks, "_recall", recall_with_tempo)
    sessions = Sessions()
    sessions.begin("visitor", None)
    updates = opened(shared_links(sessions=sessions), WHOLE)
    assert all(update == gr.skip() for update in updates)
    assert len(updates) == len(opened(shared_links(), WHOLE))


def scored(layout: WindowLayout | None) -> Any:
    return SimpleNamespace(track=SimpleNamespace(layout=layout))


def test_windows_that_need_the_recording_are_a_sentence_until_the_slider_is_back() -> None:
    track = scored(WindowLayout(30.0, 0.25, None))
    status, results = shared_links().follow(track, None, 10, 0.25, 5, 0)
    assert "hear the recording again" in status["value"]
    assert (status["visible"], results["visible"]) == (True, False)
    status, results = shared_links().follow(track, None, 30, 0.25, 5, 0)
    assert (status["visible"], results["visible"]) == (False, True)


@pytest.mark.parametrize("is_kept", [True, False])
def test_another_model_says_what_it_said_before_or_has_to_hear_the_recording(
    monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    def recall(self: SharedLinks, link: ResultLink) -> str:
        if not is_kept:
            raise InvalidOptionError("gone")
        return f"{link.model} on {link.audio_sha256}"

    monkeypatch.setattr(SharedLinks, "_recall", recall)
    shown = SimpleNamespace(model=SimpleNamespace(name="standard"), audio_sha256="ab" * 32, name="song.mp3")
    ask = partial(shared_links().ask_another, shown)  # type: ignore[arg-type]
    scored, is_new, note, model = ask(None, "cnn", 30, 0.25, 5, 0)
    if is_kept:
        assert (scored, is_new, model) == (f"cnn on {'ab' * 32}", True, gr.skip())
    else:
        assert (scored, is_new, model) == (gr.skip(), False, "standard")
        assert "does not hold it" in note["value"]
    assert ask("song.mp3", "cnn", 30, 0.25, 5, 0) == (gr.skip(),) * 4
    assert ask(None, "standard", 30, 0.25, 5, 0) == (gr.skip(),) * 4


def test_with_a_recording_the_status_stays() -> None:
    updates = shared_links().follow(scored(WindowLayout(30.0, 0.25, None)), "song.mp3", 10, 0.25, 5, 0)
    assert all(update == gr.skip() for update in updates)


@pytest.mark.browser
def test_a_link_shows_the_same_to_another_visitor(open_page: Callable[..., Visit], tmp_path: Path) -> None:
    path = write_wav(tmp_path / "Größte Nummer.wav", music(50, 16_000), 16_000)
    first = open_page()
    first.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first.upload(path)
    first.wait_for_result(path.name)
    first.slider("window").fill("10")
    first.wait_for(lambda: "window=10&" in address_of(first), "an address with the window")
    first.page.locator("#copy-link").click()
    first.wait_for(lambda: first.page.locator("#copy-link").inner_text() == "Copied", "a word that it is copied")
    copied = first.page.evaluate("navigator.clipboard.readText()")
    assert copied == address_of(first)
    first.wait_for_reading(lambda: first.page.url, copied, "the page's own address")

    second = open_page(link=copied)

    second.wait_for_result(path.name)
    assert second.headline == first.headline
    first.wait_for_reading(first.n_strip_pieces, 7, "seven windows")
    second.wait_for_reading(second.n_strip_pieces, 7, "seven windows")
    assert second.bars() == first.bars()
    expect(second.slider("window")).to_have_value("10")
    expect(second.page.locator("#opened")).to_contain_text("cannot be played", use_inner_text=True)
    expect(second.page.get_by_role("img", name="Waveform of the track")).to_be_visible()
    expect(second.page.locator("#player .play")).to_be_hidden()
    assert violations(second) == []
    assert second.page.evaluate("localStorage.getItem('genre-app:sliders')") is None
    assert second.n_uploads == 0

    second.slider("top-k").fill("2")
    second.wait_for(lambda: second.n_areas() == 3, "three areas")
    second.wait_for(
        lambda: '"window":10' in (second.page.evaluate("localStorage.getItem('genre-app:sliders')") or ""),
        "the window in the browser's storage",
    )

    second.page.locator("#model input").click()
    second.page.get_by_role("option", name="Small CNN", exact=True).click()
    expect(second.page.locator("#opened")).to_contain_text("has to hear the recording", use_inner_text=True)
    expect(second.page.locator("#model input")).to_have_value("MusiCNN")
    assert second.headline == first.headline

    other = write_wav(tmp_path / "other.wav", music(5, 16_000, start_s=10), 16_000)
    second.upload(other)
    second.wait_for_result(other.name)
    expect(second.page.locator("#opened")).to_be_hidden()

    second.wait_for(lambda: "name=other.wav&" in second.page.url, "the address of the other result")
    second.allowed_errors += LEAVING
    second.page.reload()
    second.wait_until_built()
    second.wait_for_result(other.name)


@pytest.mark.browser
def test_a_link_comes_with_what_is_known_and_its_name_is_text(open_page: Callable[..., Visit]) -> None:
    visit = open_page()
    visit.page.locator("#examples .example > button", has_text=EXAMPLES[0].title).click()
    visit.wait_for_result(EXAMPLES[0].path.name)
    visit.wait_for(lambda: visit.page.locator("#insights dl").count() == 1, "facts")
    evil = "<img src=x onerror=alert(1)>'\"><script>alert(1)</script>"
    address = urlsplit(address_of(visit))
    query = urlencode(dict(parse_qsl(address.query)) | {"name": evil})

    second = open_page(link=address._replace(query=query).geturl())

    second.wait_for_result(evil)
    expect(second.page.locator("#headline img, #headline script")).to_have_count(0)
    second.wait_for(lambda: second.page.locator("#insights dl").count() == 1, "facts")
    expect(second.page.locator("#insights")).to_have_text(
        visit.page.locator("#insights").inner_text(), use_inner_text=True
    )
    second.wait_for(lambda: address_of(second) != "", "an address")
    expect(second.page.locator("#link").locator("img, script")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "not kept any more"),
        ({"model": "<b>x"}, "There is no model called '<b>x' here"),
        ({"window": "nan"}, "incomplete or damaged"),
    ],
)
def test_a_link_that_leads_nowhere_says_why(
    same_visit: Visit, open_page: Callable[..., Visit], wrong: dict[str, str], sentence: str
) -> None:
    same_visit.slider("window").fill("20")

    second = open_page(link=f"{same_visit.page.url}?{urlencode(WHOLE | wrong)}")

    assert sentence in second.wait_for_status(r"here|kept|damaged")
    assert not second.has_result
    expect(second.slider("window")).to_have_value("30")


def address_of(visit: Visit) -> str:
    box = visit.page.locator("#link input")
    return box.input_value() if box.count() else ""
