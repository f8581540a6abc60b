"""A visitor's analyses replace each other in the order in which the browser sent them."""

from genre_app.ui.shared.sessions import Sessions


def test_a_newer_track_cancels_the_one_before() -> None:
    sessions = Sessions()
    first, second = sessions.begin("visitor", 1.0), sessions.begin("visitor", 2.0)
    assert (first.is_set(), second.is_set()) == (True, False)
    assert sessions.is_current("visitor", second)


def test_an_event_that_was_overtaken_changes_nothing() -> None:
    sessions = Sessions()
    track = sessions.begin("visitor", 2.0)
    taken_away = sessions.begin("visitor", 1.0)
    assert taken_away.is_set()
    assert not track.is_set()
    assert sessions.is_current("visitor", track)
    assert not sessions.is_current("visitor", taken_away)


def test_visitors_do_not_cancel_each_other() -> None:
    sessions = Sessions()
    one, other = sessions.begin("one", 1.0), sessions.begin("other", 2.0)
    sessions.cancel("other")
    assert (one.is_set(), other.is_set()) == (False, True)


def test_programs_without_a_page_do_not_replace_each_other() -> None:
    sessions = Sessions()
    assert not [token.is_set() for token in (sessions.begin(None, None), sessions.begin(None, None))].count(True)


def test_a_visitor_who_left_is_forgotten() -> None:
    sessions = Sessions()
    token = sessions.begin("visitor", 5.0)
    sessions.end("visitor")
    assert token.is_set()
    assert not sessions.begin("visitor", 1.0).is_set()


def test_a_second_look_ends_with_the_next_track_and_with_the_visit() -> None:
    sessions = Sessions()
    sessions.begin("ana", None)
    sessions.begin("ben", None)
    first = sessions.begin_second_look("ana")
    other = sessions.begin_second_look("ben")
    assert not first.is_set()
    sessions.begin("ana", None)
    assert first.is_set()
    assert not other.is_set()
    sessions.end("ben")
    assert other.is_set()


def test_nothing_is_kept_of_a_visitor_who_has_left() -> None:
    sessions = Sessions()
    sessions.begin("ana", None)
    sessions.end("ana")
    assert not sessions.begin_second_look("ana").is_set()
    assert sessions._second_looks == {}
