"""The app's entry on a Space and at home: settings -> models -> page."""

import os
import signal
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from pydantic import ValidationError

from genre_app.errors import GenreAppError
from genre_app.inference.model_pool import ModelPool
from genre_app.inference.zerogpu_engine import prepare
from genre_app.settings import Settings, wrong_setting
from genre_app.ui.launch import launch


def main() -> None:
    """Serve the page, or say in one sentence why that cannot be."""
    prepare()
    try:
        pool = ModelPool(Settings())
    except ValidationError as error:
        sys.exit(wrong_setting(error))
    except GenreAppError as error:
        sys.exit(str(error))
    # Services and containers are stopped with this signal. As an interruption it ends the server in good order, which
    # removes uploads; and the first process of a container would not heed it otherwise.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    launch(pool)


if __name__ == "__main__":
    main()
