"""How much of a folder was skipped, what, and why."""

from genre_app.ui.many_tracks.skipped import MOST_NAMED, NOTHING_SKIPPED, Named, Skipped
from genre_app.ui.static import script


def test_one_is_named() -> None:
    one = Skipped(Named.of(["album/cover.jpg"], 1))
    assert one.in_words() == "1 file was skipped, as it is no recording: cover.jpg."


def test_the_first_few_of_all_folders_are_named() -> None:
    many = Skipped(Named(2, ("a.txt", "b.txt"))) + Skipped(Named(5, ("c.txt", "d.txt")))
    assert many.in_words() == "7 files were skipped, as they are no recordings: a.txt, b.txt, c.txt and 4 more."


def test_what_the_browser_cannot_read_is_named_with_the_reason() -> None:
    unreadable = Skipped(unreadable=Named(1, ("Private",)))
    assert unreadable.in_words() == "Skipped, as the browser could not read it: Private."
    more = unreadable + Skipped(Named(1, ("a.txt",)), Named(1, ("Old",)))
    assert more.in_words().endswith("a.txt. Skipped, as the browser could not read them: Private and Old.")
    assert NOTHING_SKIPPED.in_words() == ""


def test_the_browser_sends_no_more_names_than_are_taken() -> None:
    assert f"const MOST_NAMED = {MOST_NAMED};" in script("many_box.js")
