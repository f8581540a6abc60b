"""Compose and synthesise the example recordings: ``python -m tools.compose_examples.make``.

::

    score      notes, tempo, and stems to place sounds on
    synthesis  drums      one note or stroke
    pieces/               the music
    mixing                stems to a recording
    encoding              recordings to MP3
    make                  all of it
"""
