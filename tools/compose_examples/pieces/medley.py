"""Three styles in one recording, cross-faded: hip-hop, reggae, classical."""

from typing import Final

import numpy as np

from tools.compose_examples.mixing import PEAK
from tools.compose_examples.pieces import hiphop, prelude, reggae
from tools.compose_examples.synthesis import RATE_HZ, Samples

#: The last chord lasts 2 s; the next style begins within it.
_CROSS_FADE_S: Final = 2.5


def compose(rng: np.random.Generator) -> Samples:
    """Compose nine bars of hip-hop, nine of reggae, and the second half of the prelude."""
    parts = (hiphop.compose(rng, 9), reggae.compose(rng, 9), prelude.compose(rng, 8, first_bar=5))
    medley, *others = (part / part.std() for part in parts)  # all equally loud
    for part in others:
        medley = cross_fade(medley, part, _CROSS_FADE_S)
    return np.asarray(PEAK * medley / np.abs(medley).max())


def cross_fade(first: Samples, second: Samples, seconds: float) -> Samples:
    """Join two recordings of shape (2, n) at constant power; the result is ``seconds`` shorter than their sum."""
    n_shared = round(seconds * RATE_HZ)
    angle = np.linspace(0.0, np.pi / 2.0, n_shared)
    shared = first[:, -n_shared:] * np.cos(angle) + second[:, :n_shared] * np.sin(angle)
    return np.hstack([first[:, :-n_shared], shared, second[:, n_shared:]])
