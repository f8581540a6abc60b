from genre_app.results.build import build_result
from genre_app.results.progress import Progress
from genre_app.results.schema import SliceOptions
from genre_app.ui.shared import view
from tests.results import answers

OPTIONS = SliceOptions()


def bars(*sections: answers.Section) -> str:
    scored = answers.analysis_of(*sections)
    return view.draw(scored, build_result(scored, OPTIONS), OPTIONS).bars


def test_the_three_likeliest_are_seen_and_all_ten_are_a_click_away() -> None:
    shown, folded = bars(*answers.CONFIDENT).split("<details>")
    assert (shown.count("<li"), folded.count("<li")) == (3, 7)
    assert "<summary>All ten</summary><ol class='scores' start='4'>" in folded
    assert "Together the scores make 100 %." in folded
    assert "only say which is closest" not in folded


def test_labels_below_the_named_ones_are_muted() -> None:
    assert bars(*answers.CONFIDENT).count("<li class='muted'>") == 10 - OPTIONS.top_k


def test_scores_of_no_genre_are_no_claim_and_what_is_not_music_has_none() -> None:
    assert "the scores only say which is closest" in bars(*answers.OUTSIDE)
    assert bars(*answers.NOT_MUSIC) == bars(*answers.NO_SOUND) == ""


def test_the_timeline_and_its_words_say_silence_as_silence() -> None:
    scored = answers.analysis_of(*answers.THEN_SILENCE)
    result = build_result(scored, OPTIONS)
    figure = view.draw(scored, result, OPTIONS).timeline
    assert [trace.name for trace in figure.data][-2:] == ["No sound", "Leading"]
    shown = view.timeline_in_words(result, "genre")
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
