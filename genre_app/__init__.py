"""Names the genre of a recording.

>>> from genre_app import GenreClassifier  # doctest: +SKIP
>>> GenreClassifier().classify_file("track.mp3").predicted_genre  # doctest: +SKIP
'rock'
"""

from typing import TYPE_CHECKING

from genre_app.errors import GenreAppError
from genre_app.version import __version__

if TYPE_CHECKING:
    from genre_app.collection.tagging.vocabulary_file import read_vocabulary
    from genre_app.collection.tagging.wanted import tags_for
    from genre_app.inference.classifier import GenreClassifier
    from genre_app.results.schema import ClassificationResult, SliceOptions
    from genre_app.settings import Settings

__all__ = [
    "ClassificationResult",
    "GenreAppError",
    "GenreClassifier",
    "Settings",
    "SliceOptions",
    "__version__",
    "read_vocabulary",
    "tags_for",
]

_HOMES = {
    "ClassificationResult": "genre_app.results.schema",
    "GenreClassifier": "genre_app.inference.classifier",
    "Settings": "genre_app.settings",
    "SliceOptions": "genre_app.results.schema",
    "read_vocabulary": "genre_app.collection.tagging.vocabulary_file",
    "tags_for": "genre_app.collection.tagging.wanted",
}


def __getattr__(name: str) -> object:
    """Import what needs torch or pydantic when it is first used, so that importing the package is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)
