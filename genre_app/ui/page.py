"""The page: a header and its tabs."""

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import Final

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.ui import about, api
from genre_app.ui.compare import tab as compare
from genre_app.ui.gate.events import CheckedBlocks
from genre_app.ui.many_tracks import tab as many_tracks
from genre_app.ui.one_track import tab as one_track
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.theme import header

#: How often Gradio sweeps uploads and downloads, and the age at which it deletes them; seconds.
_DELETE_CACHE: Final = (3600, 86_400)


def build_page(pool: ModelPool) -> gr.Blocks:
    """Lay out the page.

    Parameters
    ----------
    pool : ModelPool
        Shared by all visitors.

    Returns
    -------
    gradio.Blocks
        Not launched yet.
    """
    downloads = Path(tempfile.mkdtemp(prefix="genre-app-"))
    atexit.register(shutil.rmtree, downloads, ignore_errors=True)
    threads = AnalysisThreads()
    page = CheckedBlocks(endpoints=api.ENDPOINTS, title="Genre", analytics_enabled=False, delete_cache=_DELETE_CACHE)
    with page:
        gr.HTML(header(), padding=False)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("One track", id=one_track.TAB):
                first = one_track.build(page, pool, downloads, threads)
            with gr.Tab("Many tracks", id=many_tracks.TAB):
                many_tracks.build(page, pool, downloads, tabs, first)
            with gr.Tab("Compare", id=compare.TAB) as comparing:
                compared = compare.build(page, pool, threads)
            comparing.select(
                compare.take_over, [first.track, compared], compared, show_progress="hidden", concurrency_limit=None
            )
            with gr.Tab("About", id=about.TAB, elem_id="about"):
                about.build(page, pool)
        api.publish(pool)
    api.hide_the_rest(page)
    return page
