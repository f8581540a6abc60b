"""Prior weights of the genre head, from the names of the tags.

Seven of the ten genres are among the 50 MSD tags ("blues", "Hip-Hop", "heavy metal" …). With 443 clips of few artists
(four of blues), a regression around these weights generalises to new artists better than one around zero. The table
follows from the names alone and is not tuned. Reggae has no tag.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS

#: Weights of standardised tag logits, by genre and tag.
TAG_PRIOR: Final[Mapping[str, Mapping[str, float]]] = {
    "blues": {"blues": 1.0},
    "classical": {"instrumental": 0.5, "ambient": 0.25, "beautiful": 0.25},
    "country": {"country": 1.0},
    "disco": {"70s": 0.3, "funk": 0.3, "soul": 0.3, "dance": 0.3},
    "hiphop": {"Hip-Hop": 1.0},
    "jazz": {"jazz": 1.0},
    "metal": {"metal": 0.6, "heavy metal": 0.6},
    "pop": {"pop": 0.6, "female vocalists": 0.3, "catchy": 0.2},
    "reggae": {},
    "rock": {"rock": 0.4, "classic rock": 0.4, "alternative rock": 0.2},
}


def prior_weights() -> NDArray[np.float64]:
    """Return the table as a weight matrix of shape (50, 10): tags by genres."""
    weights = np.zeros((len(MSD_TAGS), len(GENRES)))
    for genre, tags in TAG_PRIOR.items():
        for tag, weight in tags.items():
            weights[MSD_TAGS.index(tag), GENRES.index(genre)] = weight
    return weights
