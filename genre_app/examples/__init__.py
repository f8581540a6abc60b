"""Four recordings to try the app with, composed and played by the modules of this package.

::

    score      notes and tempo, stems that sounds are placed on
    synthesis  drums      one note or stroke
    pieces/               the music
    mixing                stems to a recording
    encoding              recordings to MP3
    make                  all of it: ``python -m tools.compose_examples.make``

Importing the package loads none of them.
"""

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
        What a person may call it, with its style.
    description
        What is to be heard, in a few words.
    """

    path: Path
    title: str
    description: str


EXAMPLES: Final[tuple[Example, ...]] = (
    Example(
        _AUDIO / "piano-prelude.mp3",
        "Piano prelude",
        "Classical: chords in C minor.",
    ),
    Example(
        _AUDIO / "jazz-trio.mp3",
        "Jazz trio",
        "Piano, walking bass, brushes.",
    ),
    Example(
        _AUDIO / "disco-night.mp3",
        "Disco night",
        "Four on the floor, and strings.",
    ),
    Example(
        _AUDIO / "three-style-medley.mp3",
        "Medley",
        "Hip-hop, reggae, classical.",
    ),
)
"""Three pieces in one style each, and a medley of three styles."""
