"""Serve the page: everything that can be wrong is checked before Gradio and the models are loaded."""

import os
import signal
import sys
import threading
import time
from typing import Final, NoReturn

from pydantic import ValidationError

from genre_app.collection.tagging.vocabulary_file import read_vocabulary
from genre_app.errors import GenreAppError, VocabularyError
from genre_app.settings import Settings, wrong_setting
from genre_app.ui.environment import prepared_environment
from genre_app.ui.listening import Place, place_to_listen
from genre_app.ui.run_folder import RunFolder

#: A track in the middle of its analysis may not notice at once that the app ends.
_LONGEST_END_S: Final = 5.0
_POLL_S: Final = 0.5


def serve(*, port: int | None = None) -> None:
    """Serve the page until the process is told to end; exit with a one-sentence reason where that fails.

    Parameters
    ----------
    port : int, optional
        Defaults to ``GRADIO_SERVER_PORT``, or 7860.
    """
    # Services and containers are stopped with SIGTERM. As a KeyboardInterrupt it ends the server cleanly, which removes
    # uploads; the first process of a container would otherwise ignore it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = Settings()
        _check_vocabulary(settings)
        place = place_to_listen(port)
        with prepared_environment(settings, place) as run:
            _serve_until_told(settings, place, run)
    except ValidationError as error:
        sys.exit(wrong_setting(error))
    except GenreAppError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("The app has ended.")  # noqa: T201 - for whoever pressed Ctrl-C


def _check_vocabulary(settings: Settings) -> None:
    try:
        if settings.vocabulary:
            read_vocabulary(settings.vocabulary)
    except VocabularyError as error:
        sys.exit(error.about(str(settings.vocabulary)))


def _serve_until_told(settings: Settings, place: Place, run: RunFolder) -> NoReturn:
    # What takes seconds to import comes after everything that can be wrong, and after the environment is prepared.
    from genre_app.inference.model_pool import ModelPool  # noqa: PLC0415
    from genre_app.inference.zerogpu_engine import prepare  # noqa: PLC0415

    prepare()
    with ModelPool(settings) as pool:
        from genre_app.ui.server import Server  # noqa: PLC0415

        server = Server(pool, run)
        try:
            server.start(place)
            print(f"The page is on {server.address} until Ctrl-C ends it.", flush=True)  # noqa: T201 - for who started it
            while True:
                time.sleep(_POLL_S)
        finally:
            _end_soon(run)
            server.close()


def _end_soon(run: RunFolder) -> None:
    """See to it that the process ends, whatever its threads are doing; a second Ctrl-C ends it at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)

    def end() -> NoReturn:
        run.remove()
        os._exit(0)

    watchdog = threading.Timer(_LONGEST_END_S, end)
    watchdog.daemon = True
    watchdog.start()
