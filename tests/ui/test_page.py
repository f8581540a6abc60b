"""The page lets go of what a visit took when the visitor leaves."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.state_holder import StateHolder

from genre_app import Settings
from genre_app.inference.model_pool import ModelPool
from genre_app.ui.page import build_page
from genre_app.ui.run_folder import RunFolder
from genre_app.ui.server import Server
from genre_app.ui.shared.visits import GRACE_S, Visits


async def laid_out(pool: ModelPool, visits: Visits) -> gr.Blocks:
    return build_page(pool, visits)


def test_a_visitor_who_leaves_gives_everything_back(run_folder: RunFolder, tmp_path: Path) -> None:
    later_s = 0.0
    visits = Visits(run_folder, max_visit_mb=1, max_uploads_mb=1, clock=lambda: time.time() + later_s)
    song = run_folder.uploads / "song.mp3"
    song.write_bytes(b"sound")
    with ModelPool(Settings(model="musicnn", cache_mb=0)) as pool:
        with ThreadPoolExecutor(1) as thread:  # Gradio wants an event loop, and Playwright may keep one in this thread
            page = thread.submit(asyncio.run, laid_out(pool, visits)).result()
        visits.hold("ana", "one", song)
        made = visits.downloads_of("ana") / "song.mp3.json"
        made.parent.mkdir()
        made.write_text("{}")
        leaves = [event for event in page.fns.values() if any(target[1] == "unload" for target in event.targets)]
        for event in leaves:
            assert event.fn
            event.fn(gr.Request(session_hash="ana"))
    later_s = GRACE_S + 1
    visits.sweep()
    assert not song.exists()
    assert not made.parent.exists()


def test_what_gradio_keeps_of_a_visit_goes_with_it(run_folder: RunFolder) -> None:
    with ModelPool(Settings(model="musicnn", cache_mb=0)) as pool:
        with ThreadPoolExecutor(1) as thread:
            server = thread.submit(asyncio.run, served(pool, run_folder)).result()
        page: Any = server._page
        page.state_holder = StateHolder()  # type: ignore[no-untyped-call]
        page.state_holder.set_blocks(page)
        for session in ("ana", "bo"):
            assert page.state_holder[session]
            page._queue.pending_messages_per_session[session] = object()
            page._queue.pending_event_ids_session[session] = {"event"}
        server._forget(["ana", "never seen"])
    kept = (
        page.state_holder.session_data,
        page.state_holder.time_last_used,
        page._queue.pending_messages_per_session,
        page._queue.pending_event_ids_session,
    )
    assert [list(each) for each in kept] == [["bo"]] * 4


async def served(pool: ModelPool, run: RunFolder) -> Server:
    return Server(pool, run)
