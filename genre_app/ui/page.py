"""The page: a header and its tabs."""

import gradio as gr

from genre_app.inference.model_pool import ModelPool
from genre_app.ui import about, api
from genre_app.ui.compare import tab as compare
from genre_app.ui.gate.events import CheckedBlocks
from genre_app.ui.many_tracks import tab as many_tracks
from genre_app.ui.one_track import tab as one_track
from genre_app.ui.shared.analysis_threads import AnalysisThreads
from genre_app.ui.shared.visits import Visits
from genre_app.ui.theme import header


def build_page(pool: ModelPool, visits: Visits) -> gr.Blocks:
    """Lay out the page.

    Parameters
    ----------
    pool : ModelPool
        Shared by all visitors.
    visits : Visits
        Owns the visitors' files.

    Returns
    -------
    gradio.Blocks
        Not launched yet.
    """
    threads = AnalysisThreads()
    page = CheckedBlocks(endpoints=api.ENDPOINTS, title="Genre", analytics_enabled=False)
    with page:
        gr.HTML(header(), padding=False)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("One track", id=one_track.TAB):
                first = one_track.build(page, pool, visits, threads)
            with gr.Tab("Many tracks", id=many_tracks.TAB):
                many_tracks.build(page, pool, visits, tabs, first)
            with gr.Tab("Compare", id=compare.TAB) as comparing:
                compared = compare.build(page, pool, visits, threads)
            comparing.select(
                compare.take_over, [first.track, compared], compared, show_progress="hidden", concurrency_limit=None
            )
            with gr.Tab("About", id=about.TAB, elem_id="about"):
                about.build(page, pool)
        api.publish(pool, visits)

        def leave(request: gr.Request) -> None:
            visits.leave(request.session_hash)

        page.unload(leave)
    api.hide_the_rest(page)
    return page
