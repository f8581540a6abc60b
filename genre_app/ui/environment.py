"""What the page takes from the machine that it runs on, set up before Gradio is imported, which reads it then."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.request import getproxies

from genre_app.errors import OutputError
from genre_app.formatting import escape_what_cannot_be_encoded
from genre_app.settings import Settings
from genre_app.ui.listening import Place

_TEMP_DIR: Final = "GRADIO_TEMP_DIR"
#: Where the app calls itself when it starts, and when a language model asks for a tool.
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")


@contextmanager
def prepared_environment(settings: Settings, place: Place) -> Iterator[None]:
    """Give the process a folder for everything temporary, and keep Gradio from what it does unasked.

    The folder is private to this user, and is removed at the end with all that is in it.

    Raises
    ------
    OutputError
        There is no place for uploads.
    """
    escape_what_cannot_be_encoded()
    _reach_this_machine_without_a_proxy(place)
    # Gradio counts who calls what and how long it takes: nobody looks, and a data frame of it is made for every event.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(2**31))
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    if not settings.allow_downloads:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    before, folder = tempfile.tempdir, _temporary_folder()
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        _prepare_for_uploads(folder)
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def _temporary_folder() -> Path:
    """Make a folder that only this user can read."""
    try:
        return Path(tempfile.mkdtemp(prefix="genre-app-"))
    except OSError as error:
        raise OutputError(
            f"There is no folder for temporary files ({_reason(error)}); please name one that the app may write to: "
            "TMPDIR=/some/folder."
        ) from error


def _prepare_for_uploads(folder: Path) -> None:
    """Name Gradio's folder for uploads: its own choice, ``/tmp/gradio``, belongs to the first user of a machine."""
    chosen = Path(os.environ.setdefault(_TEMP_DIR, str(folder / "uploads")) or folder / "uploads")
    os.environ[_TEMP_DIR] = str(chosen)
    try:
        chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=chosen).close()
    except OSError as error:
        raise OutputError(
            f"Uploads cannot be stored in {chosen} ({_reason(error)}); please name a folder that the app may write to: "
            f"{_TEMP_DIR}=/some/folder."
        ) from error


def _reason(error: OSError) -> str:
    return (error.strerror or "it cannot be used").lower()


def _reach_this_machine_without_a_proxy(place: Place) -> None:
    """Exempt this machine from the proxy, if there is one: the app calls itself when it starts."""
    proxies = getproxies()
    exempt = proxies.pop("no", "")
    if not proxies or exempt.strip() == "*":
        return
    names = dict.fromkeys([*filter(None, exempt.split(",")), *_THIS_MACHINE, place.name.strip("[]")])
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(names)
