"""How new values meet those that are there."""

import pytest

from genre_app.collection.tagging.fields import Existing, Field, TagOptions, merged, said


@pytest.mark.parametrize(
    ("field", "there", "wanted", "keep", "replace", "append"),
    [
        ("genre", ("Dub",), ("Reggae",), ("Dub",), ("Reggae",), ("Dub", "Reggae")),
        ("genre", ("Hip Hop",), ("Hip-hop", "Funk"), ("Hip Hop",), ("Hip-hop", "Funk"), ("Hip Hop", "Funk")),
        ("genre", ("hip hop",), ("Hip-hop",), ("hip hop",), ("Hip-hop",), ("hip hop",)),
        ("genre", (), ("Rock",), ("Rock",), ("Rock",), ("Rock",)),
        ("genre", ("Other",), ("Rock",), ("Rock",), ("Rock",), ("Rock",)),
        ("genre", (" ",), ("Rock",), ("Rock",), ("Rock",), ("Rock",)),
        ("genre", ("Dub",), (), ("Dub",), ("Dub",), ("Dub",)),
        ("tempo", ("90",), ("120",), ("90",), ("120",), ("90",)),
        ("tempo", ("0",), ("120",), ("120",), ("120",), ("120",)),
        ("key", ("Am",), ("C",), ("Am",), ("C",), ("Am",)),
    ],
)
def test_values_meet(
    field: Field,
    there: tuple[str, ...],
    wanted: tuple[str, ...],
    keep: tuple[str, ...],
    replace: tuple[str, ...],
    append: tuple[str, ...],
) -> None:
    ways: tuple[tuple[Existing, tuple[str, ...]], ...] = (("keep", keep), ("replace", replace), ("append", append))
    for existing, after in ways:
        assert merged(field, there, wanted, existing) == after


def test_what_says_nothing_is_left_out() -> None:
    assert said("genre", ["Unknown", "", "Dub "]) == ("Dub",)
    assert said("styles", ["Other", " "]) == ("Other",)
    assert said("tempo", ["0", "000.00", "120.5"]) == ("120.5",)


def test_journals_from_before_there_were_vocabularies_go_on() -> None:
    assert "vocabulary" not in repr(TagOptions()), "a journal knows options by how they are written"
