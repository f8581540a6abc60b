"""Four recordings to try the app with, composed and synthesised by ``tools/compose_examples``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_AUDIO: Final = Path(__file__).with_name("audio")


@dataclass(frozen=True)
class Example:
    """A recording that comes with the app.

    Attributes
    ----------
    path
        The MP3 file.
    title
        Short title that names the style.
    description
        Content in a few words.
    genres
        In the order in which they are heard.
    """

    path: Path
    title: str
    description: str
    genres: tuple[str, ...]


EXAMPLES: Final[tuple[Example, ...]] = (
    Example(
        _AUDIO / "piano-prelude.mp3",
        "Piano prelude",
        "Classical: chords in C minor.",
        ("classical",),
    ),
    Example(
        _AUDIO / "jazz-trio.mp3",
        "Jazz trio",
        "Piano, walking bass, brushes.",
        ("jazz",),
    ),
    Example(
        _AUDIO / "disco-night.mp3",
        "Disco night",
        "Four on the floor, and strings.",
        ("disco",),
    ),
    Example(
        _AUDIO / "three-style-medley.mp3",
        "Medley",
        "Hip-hop, reggae, classical.",
        ("hiphop", "reggae", "classical"),
    ),
)
"""Three pieces of one style each, and a medley of three styles."""
