"""Who sends a request: a program, this page, or another site."""

import pytest
from starlette.datastructures import Headers

from genre_app.ui.gate.origins import sender_of

_HOST = {"host": "genre.example"}


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ({}, "program"),
        ({"origin": "https://genre.example"}, "page"),
        ({"origin": "https://GENRE.example:443"}, "page"),
        ({"origin": "http://genre.example:7860", "host": "genre.example:7860"}, "page"),
        ({"origin": "https://genre.example:8443"}, "page"),  # nginx's $host leaves the port out
        ({"origin": "https://genre.example", "sec-fetch-site": "same-origin", "host": "127.0.0.1:7860"}, "page"),
        (
            {"origin": "https://ana-genre.hf.space", "host": "10.0.0.7", "x-forwarded-host": "ana-genre.hf.space"},
            "page",
        ),
        ({"origin": "http://[::1]:7860", "host": "[::1]:7860"}, "page"),
        ({"origin": "https://evil.example"}, "stranger"),
        ({"origin": "null"}, "stranger"),
        ({"origin": ""}, "stranger"),
        ({"origin": "https://genre.example.evil.example"}, "stranger"),
        ({"origin": "https://genre.example@evil.example"}, "stranger"),
        ({"origin": "http://genre.example:9999", "host": "genre.example:7860"}, "stranger"),
        ({"origin": "http://genre.example:nonsense"}, "stranger"),
        ({"origin": "https://genre.example", "sec-fetch-site": "cross-site"}, "stranger"),
        ({"origin": "https://genre.example", "sec-fetch-site": "same-site"}, "stranger"),
        ({"sec-fetch-site": "cross-site"}, "stranger"),
        ({"origin": "https://evil.example", "host": ""}, "stranger"),
    ],
)
def test_who_sends(headers: dict[str, str], sender: str) -> None:
    assert sender_of(Headers({**_HOST, **headers})) == sender
