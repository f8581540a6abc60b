"""Whether the genre that a file carries is the one that is heard, however it is spelt."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Literal

from genre_app.collection.tagging.fields import said
from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.collection.tagging.wanted import Tags, genres_for
from genre_app.genres import GENRES, canonical
from genre_app.results.model_info import NAMED_FROM
from genre_app.results.schema import ClassificationResult

Comparison = Literal["agrees", "differs", "missing", "unsure"]
#: What the comparisons are called.
COMPARISONS: Final[Mapping[Comparison, str]] = {
    "agrees": "Agrees",
    "differs": "Differs",
    "missing": "Missing",
    "unsure": "Not sure",
}

#: Names that belong to another one and do not hold it as a word ("Delta Blues" needs no entry), as `canonical` spells.
_MEMBERS: Final[Mapping[str, str]] = {
    "african": "afrobeat afrobeats highlife soukous",
    "alternative": "alternrock",
    "ambient": "chill chillout drone newage meditation relaxation",
    "asian": "bollywood enka jpop kpop mandopop cantopop indian",
    "blues": "boogiewoogie",
    "childrens": "children childrensmusic kids",
    "classical": "baroque chamber chambermusic choral concerto opera orchestra orchestral renaissance sonata symphony",
    "country": "americana bluegrass honkytonk western",
    "disco": "italodisco hinrg",
    "drum": "dnb drumnbass jungle",
    "electronic": "breakbeat club dance downtempo drum dubstep edm electro electronica eurodance gabber hardstyle "
    "house idm industrial rave synthwave techno trance triphop",
    "folk": "celtic singersongwriter",
    "gospel": "christian spiritual worship",
    "hiphop": "boombap gangsta grime rap trap triphop",
    "house": "garage",
    "jazz": "bebop bigband bop dixieland fusion ragtime swing",
    "latin": "bachata bossanova cumbia flamenco mambo merengue reggaeton salsa samba tango",
    "metal": "deathcore djent grindcore heavymetal metalcore thrash",
    "pop": "cantopop electropop jpop kpop mandopop popmusic schlager synthpop",
    "rb": "rhythmandblues rhythmblues rnb",
    "reggae": "dancehall dub ragga rocksteady ska",
    "rock": "alternative britpop emo grunge indie krautrock newwave punk rockabilly rocknroll shoegaze surf",
    "soul": "motown neosoul",
    "soundtrack": "film game musical originalsoundtrack ost score",
    "speech": "audiobook comedy interview lecture podcast spoken spokenword",
    "trance": "goa psytrance",
    "vocal": "acappella",
}
_FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    member: frozenset(family for family, members in _MEMBERS.items() if member in members.split())
    for members in _MEMBERS.values()
    for member in members.split()
}
#: Names that say where or when music is played and not what it sounds like: nothing that is heard contradicts them.
_NO_SOUND: Final = frozenset(
    {"acoustic", "christmas", "compilation", "holiday", "instrumental", "live", "oldies", "world", "worldmusic"}
)
_SEPARATORS: Final = re.compile(r"[;,/|\\+]| & | and ")


def compare_genres(
    carried: Sequence[str], result: ClassificationResult, vocabulary: Vocabulary = NO_VOCABULARY
) -> Comparison | None:
    """Compare the genres that a file carries with what is heard.

    Parameters
    ----------
    carried : sequence of str
        The file's genres.
    result : ClassificationResult
        What is heard.
    vocabulary : Vocabulary
        A genre in its words agrees as well; one that it leaves out is not missing.

    Returns
    -------
    {"agrees", "differs", "missing", "unsure"} or None
        A genre of the ten is compared with the genre that is heard, others with the styles too: a broader or narrower
        name agrees. Several names agree where one does. "unsure": the answer is, or the names say nothing of sound.
        None where there is nothing to compare: no genre in the file, and no music or only tags.
    """
    names = said("genre", carried)
    if result.verdict.kind == "uncertain":
        return "unsure" if names or result.metadata.label_kind != "tag" else None
    wanted = Tags.of(result, vocabulary).genres
    if not names:
        return "missing" if wanted else None
    meanings = frozenset[str]().union(*map(_meanings, names))
    heard = _parts([*genres_for(result), *(result.verdict.sounds if result.verdict.kind == "not_music" else ())])
    if not meanings & set(GENRES):
        heard |= _parts(style.style for style in result.styles if style.score >= NAMED_FROM)
    if meanings & (heard | _parts(wanted)):
        return "agrees"
    return "unsure" if {canonical(name) for name in names} <= _NO_SOUND else "differs"


def _meanings(name: str) -> frozenset[str]:
    """Return what a name stands for: itself, its parts and words, and the families that these belong to."""
    words = [canonical(word) for word in re.split(r"[\W_]+", name)]
    pairs = (first + second for first, second in pairwise(words))
    found = {canonical(name), *words, *pairs, *map(canonical, _SEPARATORS.split(name))} - {""}
    while new := {family for meaning in found for family in _FAMILIES.get(meaning, ())} - found:
        found |= new
    return frozenset(found)


def _parts(names: Iterable[str]) -> frozenset[str]:
    """Return what the names stand for: "Ambient & new age" is either."""
    return frozenset(canonical(part) for name in names for part in (name, *name.split(" & ")))
