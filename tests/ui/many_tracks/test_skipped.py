"""How many files of a folder were skipped, and which."""

from genre_app.ui.many_tracks.skipped import MOST_NAMED, NOTHING_SKIPPED
from genre_app.ui.static import script


def test_one_is_named() -> None:
    one = NOTHING_SKIPPED.more(["cover.jpg"], 1)
    assert one.in_words() == "1 file was skipped, as it is no recording: cover.jpg."


def test_the_first_few_of_all_folders_are_named() -> None:
    many = NOTHING_SKIPPED.more(["a.txt", "b.txt"], 2).more(["c.txt", "d.txt"], 5)
    assert many.in_words() == "7 files were skipped, as they are no recordings: a.txt, b.txt, c.txt and 4 more."


def test_the_browser_sends_no_more_names_than_are_taken() -> None:
    assert f"const MOST_NAMED = {MOST_NAMED};" in script("many_box.js")
