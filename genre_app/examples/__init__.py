"""Four recordings to try the app with, composed and played by the modules of this package.

::

    score      notes and tempo, stems that sounds are placed on
    synthesis  drums      one note or stroke
    pieces/               the music
    mixing                stems to a recording
    encoding              recordings to MP3
    make                  all of it: ``python -m genre_app.examples.make``

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
        One sentence: what is to be heard, and what it shows.
    """

    path: Path
    title: str
    description: str


EXAMPLES: Final[tuple[Example, ...]] = (
    Example(
        _AUDIO / "piano-prelude.mp3",
        "Piano prelude (classical)",
        "Broken chords in C minor for piano alone.",
    ),
    Example(
        _AUDIO / "jazz-trio.mp3",
        "Jazz trio",
        "Piano, walking bass and brushed drums over the chords of a standard.",
    ),
    Example(
        _AUDIO / "disco-night.mp3",
        "Disco night",
        "Four on the floor, a bass in octaves and a string section.",
    ),
    Example(
        _AUDIO / "three-style-medley.mp3",
        "Medley: hip-hop, reggae, classical",
        'Three styles in 76 seconds: the timeline follows them, and the answer for the whole is rightly "not sure".',
    ),
)
"""Three pieces in one style each, and a medley of three styles."""
