"""The app's entry on a Space and at home: settings -> classifier -> page."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from genre_app.settings import Settings
from genre_app.shelf import ModelShelf
from genre_app.ui.launch import launch

if __name__ == "__main__":
    launch(ModelShelf(Settings()))
