"""The document with which the page opens."""

from pathlib import Path
from typing import Final

import httpx
import pytest

from genre_app.ui.gate.opening import opening_document
from genre_app.ui.theme import DESCRIPTION, TITLE
from tests.serving import Server
from tests.ui.visit import Visit

_COUNT_FRAMES: Final = """(() => {
    const inFrame = window.requestAnimationFrame;
    window.framesAsked = 0;
    window.requestAnimationFrame = (callback) => { window.framesAsked++; return inFrame.call(window, callback); };
})()"""


def test_a_link_to_the_page_is_previewed_with_its_own_name(address: str) -> None:
    document = httpx.get(address).text
    head = document.partition("</head>")[0]
    assert f'property="og:title" content="{TITLE}"' in head
    assert f'name="description" content="{DESCRIPTION}"' in head
    before_settings = head.partition("window.gradio_config")[0]
    assert "radio" not in before_settings.partition("<script")[0]
    assert "https://" not in before_settings
    assert "requestAnimationFrame" in before_settings, "Gradio's scripts come first"


def test_it_travels_compressed_and_its_length_is_right(address: str) -> None:
    with httpx.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        n_bytes = sum(len(piece) for piece in answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert n_bytes == int(answer.headers["content-length"])
    plain = httpx.get(address, headers={"Accept-Encoding": "identity"})
    assert len(plain.content) == int(plain.headers["content-length"]) > 2 * n_bytes
    assert httpx.head(address).status_code == 200


def test_only_the_head_is_changed() -> None:
    tags = b'<meta property="og:title" content="Gradio" />\n<meta name="twitter:card"\n content="x" />'
    rest = b"<script>" + tags + b"</script></head><body>" + tags + b"</body>"
    document = opening_document(b"<head>" + tags + b'<meta charset="utf-8" />' + rest)
    assert document.startswith(b'<head><meta charset="utf-8" /><meta')
    assert document.endswith(rest)


@pytest.mark.browser
def test_a_page_at_rest_asks_for_no_frames(visit: Visit, server: Server, short_track: Path) -> None:
    """Gradio's timers would ask for sixty a second each, for as long as the page is open."""
    page = visit.page.context.new_page()
    page.add_init_script(_COUNT_FRAMES)
    watched = Visit(page, server.address)
    watched.upload(short_track)
    watched.wait_for_result(short_track.name)

    def n_frames() -> int:
        page.evaluate("() => { window.framesAsked = 0; }")
        page.wait_for_timeout(1000)
        return int(page.evaluate("() => window.framesAsked"))

    watched.wait_for(lambda: n_frames() < 10, "a page at rest")
    page.close()
