from genre_app.results.build import build_result
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.ui.shared import view
from tests.results import answers
from tests.results.test_build import scored_track

OPTIONS = SliceOptions()


def test_a_chart_in_words_is_a_caption_and_a_table_that_name_their_chart() -> None:
    scored = scored_track()
    shown = view.draw(scored, build_result(scored, OPTIONS), OPTIONS).bars_in_words
    assert "data-describes='bars'" in shown
    assert "Together the scores make 100 %." in shown
    assert shown.count('<th scope="row">') == 10


def test_the_timeline_and_its_words_say_silence_as_silence() -> None:
    scored = answers.analysis_of(*answers.THEN_SILENCE)
    result = build_result(scored, OPTIONS)
    figure = view.draw(scored, result, OPTIONS).timeline
    assert [trace.name for trace in figure.data][-2:] == ["No sound", "Leading"]
    shown = view.timeline_in_words(result)
    assert "No sound from 1:00 to the end." in shown
    assert "<td>No sound</td>" in shown


def test_who_waits_is_told_how_long_the_line_is() -> None:
    words = {
        view.waiting(Progress("waiting", None, n_ahead=n, wait_s=wait_s)) for n, wait_s in ((0, None), (1, 3), (7, 42))
    }
    assert words == {
        "Your track is next",
        "One track is ahead of yours: it starts in a few seconds",
        "7 tracks are ahead of yours: it starts in about 40 seconds",
    }
    assert "7 tracks are ahead of yours" in view.status(Progress("waiting", None, n_ahead=7))
