"""What the tab shows of each answer."""

from genre_app.results.progress import Progress
from genre_app.ui.compare.view import answer_card, course_so_far, where_they_differ
from tests.results import answers
from tests.results.answers import Section
from tests.ui.compare.test_agreement import said


def test_what_is_not_music_has_no_genres() -> None:
    assert "Disco" in answer_card(said("A", *answers.CONFIDENT), top_k=5)
    assert "Disco" not in answer_card(said("A", *answers.NOT_MUSIC), top_k=5)


def test_the_strip_is_as_long_as_what_is_scored() -> None:
    scored = answers.analysis_of(Section(20, "rock"))
    assert course_so_far(Progress("scoring", None)) == ""
    assert "transparent 25.00%" in course_so_far(Progress("scoring", 0.25, so_far=scored))


def test_where_models_differ_is_text_that_plays() -> None:
    listed = where_they_differ(said("<b>", Section(20, "rock")), said("B", Section(20, "jazz")))
    assert "data-compare-seek='0'" in listed
    assert "&lt;b&gt;: Rock · B: Jazz" in listed
    assert where_they_differ(said("A", Section(20, "rock")), said("B", Section(20, "rock"))) == ""
