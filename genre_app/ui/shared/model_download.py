"""The offer to download the chosen model where it is not on this machine."""

import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import gradio as gr

from genre_app.errors import CancelledError, GenreAppError
from genre_app.formatting import percent
from genre_app.inference.model_pool import ModelPool
from genre_app.models.catalogue import CatalogueEntry, availability, entry_of
from genre_app.models.hub import DownloadProgress, download
from genre_app.ui.shared import view
from genre_app.ui.shared.events import Updates
from genre_app.ui.shared.model_picker import choices
from genre_app.ui.shared.progress import Latest, labelled_progress, progress_until_done

_log = logging.getLogger(__name__)

_FAILURE: Final = "Something went wrong during the download; please try again."


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """Components of the offer.

    Attributes
    ----------
    button : gradio.Button
        Starts the download; visible only where the model can be downloaded.
    fetched : gradio.events.Dependency
        The download's event. It may fail: events that follow must check again whether the model is here.
    """

    button: gr.Button
    fetched: Any


class ModelDownloads:
    """Downloads that visitors start; asking for a model that is being fetched already fails with a sentence.

    Parameters
    ----------
    pool : ModelPool
        Names the models on offer.
    fetch : callable
        As `genre_app.models.hub.download`.
    """

    def __init__(self, pool: ModelPool, fetch: Callable[..., object] = download) -> None:
        self._pool = pool
        self._fetch = fetch
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="download")

    def offer(self, name: str) -> Updates:
        """Follow the choice of a model.

        Returns
        -------
        tuple
            Values for the note and the button.
        """
        entry = entry_of(name)
        if entry is None or availability(entry, self._pool.settings) != "not downloaded":
            return gr.update(value="", visible=False), gr.update(visible=False)
        note = gr.update(value=_note(entry, may_download=self._pool.settings.allow_downloads), visible=True)
        return note, gr.update(visible=self._pool.settings.allow_downloads)

    async def fetch(self, name: str) -> AsyncIterator[Updates]:
        """Download a model and report its progress.

        Yields
        ------
        tuple
            Values for the note, the button and the list of models.
        """
        entry = entry_of(name)
        if entry is None or entry.hub_id is None or not self._pool.settings.allow_downloads:
            yield gr.skip(), gr.update(visible=False), gr.skip()
            return
        cancel = threading.Event()
        latest = Latest(DownloadProgress(0, None))
        future = self._workers.submit(
            self._fetch,
            entry.hub_id,
            revision=entry.revision,
            maest_revision=self._pool.settings.maest_revision,
            on_progress=latest.put,
            cancel=cancel,
        )
        try:
            async for progress in progress_until_done(future, latest):
                yield gr.update(value=_progress(progress), visible=True), gr.update(visible=False), gr.skip()
            future.result()
            shown = gr.update(value="", visible=False)
            yield shown, gr.update(visible=False), gr.update(choices=choices(self._pool))
        except CancelledError:
            yield gr.skip(), gr.update(visible=True), gr.skip()
        except GenreAppError as error:
            yield self._failed(str(error))
        except Exception:  # noqa: BLE001 - the page never shows a traceback; the log does
            _log.exception("downloading a model failed")
            yield self._failed(_FAILURE)
        finally:
            cancel.set()  # the visitor may have left; the next download resumes from here

    def _failed(self, sentence: str) -> Updates:
        answers = f" Until then, {self._pool.default.model.name} answers."
        note = gr.update(value=view.message(sentence + answers, kind="error"), visible=True)
        return note, gr.update(visible=True, value="Try again"), gr.skip()


def model_offer(pool: ModelPool, model: gr.Dropdown) -> ModelOffer:
    """Lay out the offer below the choice of the model.

    Parameters
    ----------
    pool : ModelPool
        Names the models.
    model : gradio.Dropdown
        The choice of the model.
    """
    downloads = ModelDownloads(pool)
    note = gr.HTML(visible=False, elem_id="model-offer")
    button = gr.Button("Download", visible=False, size="sm", elem_id="model-download")
    quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None}
    model.change(downloads.offer, model, [note, button], **quiet)
    return ModelOffer(button, button.click(downloads.fetch, model, [note, button, model], **quiet))


def _note(entry: CatalogueEntry, *, may_download: bool) -> str:
    size = f" ({entry.size_mb:g} MB)" if entry.size_mb else ""
    how = "" if may_download else " This installation does not download models; whoever runs it can."
    return view.message(f"{entry.title}{size} is not on this machine. Licence: {entry.licence}.{how}")


def _progress(progress: DownloadProgress) -> str:
    if progress.total_bytes is None:
        return labelled_progress("Asking Hugging Face …", None)
    share = progress.done_bytes / max(progress.total_bytes, 1)
    return labelled_progress(f"Downloading: {percent(share)} of {progress.total_bytes / 1e6:.0f} MB", share)
