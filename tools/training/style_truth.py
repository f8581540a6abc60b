"""Which styles fit the music whose genre or style is known, to measure whether named styles are right.

Written down once from what the words mean; a style may fit several genres.
"""

from collections.abc import Mapping
from typing import Final

#: GTZAN's genres.
OF_GENRE: Final[Mapping[str, frozenset[str]]] = {
    "blues": frozenset({"blues", "rock", "R&B & soul", "folk", "country", "jazz", "funk"}),
    "classical": frozenset({"classical & opera", "vocal & choir", "soundtrack"}),
    "country": frozenset({"country", "folk", "rock", "gospel", "pop", "blues"}),
    "disco": frozenset({"disco", "funk", "R&B & soul", "pop", "house", "electronic"}),
    "hiphop": frozenset({"hip-hop", "R&B & soul", "funk", "pop", "drum & bass & dubstep"}),
    "jazz": frozenset({"jazz", "blues", "funk", "R&B & soul"}),
    "metal": frozenset({"metal", "rock", "punk", "indie & alternative"}),
    "pop": frozenset({"pop", "R&B & soul", "disco", "house", "electronic", "rock", "funk"}),
    "reggae": frozenset({"reggae & ska", "African", "R&B & soul", "funk", "hip-hop"}),
    "rock": frozenset({"rock", "indie & alternative", "punk", "metal", "blues", "pop", "folk"}),
}

_ELECTRONIC: Final = frozenset(
    {"ambient & new age", "electronic", "techno & trance", "house", "drum & bass & dubstep", "soundtrack"}
)
#: Labels of ``real_sounds``, or parts of its clips' names where there is none; other music is not counted.
OF_LABEL: Final[Mapping[str, frozenset[str]]] = {
    "orchestral": frozenset({"soundtrack", "classical & opera", "ambient & new age", "vocal & choir", "folk"}),
    "electronic": _ELECTRONIC,
    "dubstep": frozenset({"drum & bass & dubstep", "electronic", "techno & trance", "house"}),
    "moh_": _ELECTRONIC,
    "Pornophonique": _ELECTRONIC | {"rock", "pop"},
    "Coulton": frozenset({"rock", "indie & alternative", "pop", "folk", "country"}),
    "Dead Smiling": frozenset({"rock", "indie & alternative", "punk"}),
}
#: Which of them are music of none of the ten genres.
OUTSIDE: Final = ("electronic", "dubstep", "moh_", "Pornophonique")


def key_of(clip: str, label: str) -> str | None:
    """Return the entry of `OF_LABEL` for a clip; None where nothing is known."""
    return next((key for key in OF_LABEL if key == label or key in clip), None)
