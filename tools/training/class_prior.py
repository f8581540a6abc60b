"""What the names of AudioSet's classes say of the ten genres before training.

YAMNet's last layer has a row of weights for "Disco", "Reggae" and so on; the head's weights on the embedding are pulled
towards these rows. The table was written down from the names alone, once, and not tuned.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.standard.groups import GENRE_CLASSES
from genre_app.models.yamnet.classes import AUDIOSET_CLASSES

#: Weights are for class logits in units of their standard deviation.
CLASS_PRIOR: Final[Mapping[str, Mapping[str, float]]] = {
    "blues": {"Blues": 1.0},
    "classical": {"Classical music": 1.0},
    "country": {"Country": 0.7, "Bluegrass": 0.3},
    "disco": {"Disco": 1.0},
    "hiphop": {"Hip hop music": 1.0},
    "jazz": {"Jazz": 0.8, "Swing music": 0.2},
    "metal": {"Heavy metal": 1.0},
    "pop": {"Pop music": 1.0},
    "reggae": {"Reggae": 1.0},
    "rock": {"Rock music": 0.5, "Rock and roll": 0.3, "Progressive rock": 0.2},
}


def class_weights() -> NDArray[np.float64]:
    """Return the table as a weight matrix of shape (n_genre_classes, 10)."""
    weights = np.zeros((len(GENRE_CLASSES), len(GENRES)))
    for genre, classes in CLASS_PRIOR.items():
        for name, weight in classes.items():
            weights[GENRE_CLASSES.index(AUDIOSET_CLASSES.index(name)), GENRES.index(genre)] = weight
    return weights
