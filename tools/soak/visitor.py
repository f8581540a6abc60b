"""A visitor who does what the page in a browser does, over HTTP."""

import json
import random
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

#: As the page sends them; `genre_app.ui.gate.origins` tells pages from programs.
_FROM_A_PAGE = {"Sec-Fetch-Site": "same-origin"}
_TIMEOUT = httpx.Timeout(60.0, read=120.0)


class Page:
    """What is known of the page from its configuration."""

    def __init__(self, address: str) -> None:
        self.address = address
        config = httpx.get(f"{address}/config", timeout=_TIMEOUT).json()
        self.events = {event["api_name"]: event for event in config["dependencies"] if event["api_name"]}


class Visitor:
    """One visit: a session with a connection that says that the visitor is there.

    Parameters
    ----------
    page : Page
        Where the visit goes.
    chance : random.Random
        Decides what the visitor does.
    """

    def __init__(self, page: Page, chance: random.Random) -> None:
        self._page = page
        self._chance = chance
        self._session = secrets.token_hex(8)
        self._client = httpx.Client(
            base_url=f"{page.address}/gradio_api", timeout=_TIMEOUT, headers={**_FROM_A_PAGE, "Origin": page.address}
        )
        self.n_events = 0
        self.sentences: list[str] = []

    def visit(self, tracks: list[Path]) -> None:
        """Bring some tracks, move the sliders, take downloads, cancel now and then, and leave."""
        with self._client, self._heartbeat():
            for track in self._chance.choices(tracks, k=self._chance.randint(1, 3)):
                uploaded = self._upload(track)
                settings = [self._chance.uniform(3, 60), self._chance.choice([0, 0.25, 0.75]), 5, 0]
                analyse = [uploaded, time.time() * 1000, "musicnn", *settings]
                if self._chance.random() < 0.2:
                    self._ask("analyse", analyse, patience_s=self._chance.uniform(0, 1))
                    self._ask("cancel", [])
                    continue
                self._ask("analyse", analyse)
                for _ in range(self._chance.randint(0, 5)):
                    self._ask("reslice", [None, self._chance.uniform(1, 60), 0.25, 5, 0])
                self._ask("add_details", [uploaded, None])
                self._ask("make", [None, *settings])

    def _upload(self, track: Path) -> dict[str, Any]:
        with track.open("rb") as file:
            answer = self._client.post("/upload", files={"files": (track.name, file)})
        answer.raise_for_status()
        return {"path": answer.json()[0], "orig_name": track.name, "meta": {"_type": "gradio.FileData"}}

    def _ask(self, name: str, data: list[Any], *, patience_s: float = 120.0) -> None:
        """Send an event and follow it to its end, or for so long."""
        event = self._page.events[name]
        self.n_events += 1
        body = {"data": data, "fn_index": event["id"], "session_hash": self._session, "event_data": None}
        if not event["queue"]:
            self._client.post(f"/run/{name}", json=body)
            return
        self._client.post("/queue/join", json=body).raise_for_status()
        ends_s = time.monotonic() + patience_s
        with self._client.stream("GET", "/queue/data", params={"session_hash": self._session}) as stream:
            for line in stream.iter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line.removeprefix("data:"))
                if message["msg"] == "process_completed" and not message.get("success", True):
                    self.sentences.append(str(message["output"].get("error")))
                if message["msg"] in {"process_completed", "close_stream"} or time.monotonic() > ends_s:
                    return

    @contextmanager
    def _heartbeat(self) -> Iterator[None]:
        """Keep the connection open by which the server knows that the visitor is there."""
        address = urlsplit(self._page.address)
        request = f"GET /gradio_api/heartbeat/{self._session} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(request.encode())
            yield
