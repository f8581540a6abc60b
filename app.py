"""The app's entry on a Space and at home: settings -> classifier -> page."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from genre_app.service import GenreClassifier
from genre_app.settings import Settings
from genre_app.ui.launch import launch

if __name__ == "__main__":
    launch(GenreClassifier(Settings()))
