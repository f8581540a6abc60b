"""What the page takes from the machine that it runs on, set up before Gradio is imported, which reads it then."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.request import getproxies

from genre_app.errors import OutputError
from genre_app.formatting import escape_what_cannot_be_encoded
from genre_app.settings import Settings
from genre_app.ui.listening import Place
from genre_app.ui.run_folder import RunFolder

_TEMP_DIR: Final = "GRADIO_TEMP_DIR"
_MOST_OPEN_FILES: Final = 8192
#: Where the app calls itself when it starts, and when a language model asks for a tool.
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")


@contextmanager
def prepared_environment(settings: Settings, place: Place) -> Iterator[RunFolder]:
    """Give the process a folder for everything temporary, and keep Gradio from what it does unasked.

    The folder is private to this user, and is removed at the end with all that is in it.

    Raises
    ------
    OutputError
        There is no place for uploads.
    """
    escape_what_cannot_be_encoded()
    _allow_many_open_files()
    _reach_this_machine_without_a_proxy(place)
    # Gradio counts who calls what and how long it takes: nobody looks, and a data frame of it is made for every event.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(2**31))
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    if not settings.allow_downloads:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with _run_folder() as run:
        before = tempfile.tempdir
        tempfile.tempdir = os.environ["TMPDIR"] = str(run.path)
        os.environ[_TEMP_DIR] = str(run.uploads)
        try:
            yield run
        finally:
            tempfile.tempdir = before


def _allow_many_open_files() -> None:
    """Raise the limit on open files as far as this user may: an open page takes two, and macOS begins with 256."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on Windows

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN_FILES)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


@contextmanager
def _run_folder() -> Iterator[RunFolder]:
    """Make the folder, where it was chosen or among the system's temporary files, and remove it at the end."""
    chosen = os.environ.get(_TEMP_DIR, "")
    try:
        if chosen:
            Path(chosen).mkdir(mode=0o700, parents=True, exist_ok=True)
        run = RunFolder(Path(chosen or tempfile.gettempdir()))
    except OSError as error:
        variable = _TEMP_DIR if chosen else "TMPDIR"
        raise OutputError(
            f"There is no place for uploads and other temporary files ({_reason(error)}); please name a folder that "
            f"the app may write to: {variable}=/some/folder."
        ) from error
    try:
        yield run
    finally:
        run.remove()


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
