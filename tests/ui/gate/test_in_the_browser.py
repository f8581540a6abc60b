"""What a browser makes of the headers."""

from typing import Final

import pytest
from playwright.sync_api import Browser

from tests.serving import Server
from tests.ui.gate.small_page import Listener

pytestmark = pytest.mark.browser
_TRY_ALL: Final = """async (address) => {
    const tries = [
        fetch(`${address}/config`),
        fetch(`${address}/gradio_api/call/models`, {method: "POST", body: "{}"}),
    ];
    return (await Promise.allSettled(tries)).map((each) => each.status);
}"""


def test_another_site_cannot_frame_the_page_nor_read_or_use_it(browser: Browser, server: Server) -> None:
    site = Listener(f"<iframe src='{server.address}'></iframe>".encode(), "text/html")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        page.goto(site.address)
        outcome = page.evaluate(_TRY_ALL, server.address)
    finally:
        page.close()
        site.close()
    assert outcome == ["rejected", "rejected"]
    assert [text for text in said if "frame-ancestors" in text], said
