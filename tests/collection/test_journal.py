"""The journal: lines that only grow in number, whatever the names in them."""

import contextlib
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from unittest import mock

import pytest

from genre_app.collection.journal import JOURNAL_NAME, Journal
from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.errors import OutputError

Open = Callable[..., Journal]
#: What `str.splitlines` takes for the end of a line.
LINE_ENDS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def track(folder: Path, name: str) -> Track:
    (folder / name).write_bytes(b"x")
    return Track(folder / name, PurePosixPath(name))


def record(name: str, **facts: object) -> TrackRecord:
    return TrackRecord.model_validate({"track": name, "status": "mixed", "sentence": "It is.", **facts})


def add(journal: Journal, *tracks: Track, **facts: object) -> None:
    for each in tracks:
        journal.add(journal.fingerprint(each), record(str(each.place), **facts))


@pytest.fixture
def reopened() -> Iterator[Open]:
    """Open the journal of a folder as the next run does."""
    with contextlib.ExitStack() as stack:

        def open_again(folder: Path, options: str = "o") -> Journal:
            stack.close()
            return stack.enter_context(contextlib.closing(Journal(folder, options)))

        yield open_again


def test_what_an_earlier_run_did_is_marked_and_what_this_one_does_is_not(tmp_path: Path, reopened: Open) -> None:
    one, two = track(tmp_path, "1.mp3"), track(tmp_path, "2.mp3")
    add(reopened(tmp_path), one)
    journal = reopened(tmp_path)
    assert journal.take_over(one)
    add(journal, two)
    assert [each.is_kept for each in journal.records([one, two])] == [True, False]
    add(journal, one)
    assert [each.is_kept for each in journal.records([one])] == [False]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_no_character_of_a_text_ends_a_line(tmp_path: Path, reopened: Open, end: str) -> None:
    one, two = track(tmp_path, f"a{end}b.mp3"), track(tmp_path, "c.mp3")
    add(reopened(tmp_path), one, two, sentence=f"x{end}y")
    journal = reopened(tmp_path)
    assert journal.take_over(one)
    assert [each.sentence for each in journal.records([one, two])] == [f"x{end}y"]
    assert journal.take_over(two)
    assert len(list(journal.records([one, two]))) == 2


def test_a_line_that_was_cut_off_is_done_again_and_those_behind_it_count(tmp_path: Path, reopened: Open) -> None:
    one, two = track(tmp_path, "1.mp3"), track(tmp_path, "2.mp3")
    add(reopened(tmp_path), one)
    content = (tmp_path / JOURNAL_NAME).read_bytes()
    (tmp_path / JOURNAL_NAME).write_bytes(content + content[:40])
    add(reopened(tmp_path), two)
    journal = reopened(tmp_path)
    assert journal.take_over(one)
    assert journal.take_over(two)
    assert (tmp_path / JOURNAL_NAME).read_bytes().startswith(content + content[:40] + b"\n")


def test_a_line_that_the_full_disk_does_not_take_leaves_nothing(
    tmp_path: Path, reopened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = track(tmp_path, "1.mp3"), track(tmp_path, "2.mp3")
    journal = reopened(tmp_path)
    add(journal, one)
    content = (tmp_path / JOURNAL_NAME).read_bytes()
    real = journal._file
    with monkeypatch.context() as patch:
        patch.setattr(journal, "_file", mock.Mock(wraps=real, write=lambda line: real.write(line[:20])))
        with pytest.raises(OutputError, match="No space left"):
            add(journal, two)
    assert (tmp_path / JOURNAL_NAME).read_bytes() == content
    assert not journal.is_current(two)


def test_the_last_line_of_a_track_counts(tmp_path: Path, reopened: Open) -> None:
    one = track(tmp_path, "1.mp3")
    journal = reopened(tmp_path)
    add(journal, one, sentence="first")
    add(journal, one, sentence="second")
    assert [each.sentence for each in journal.records([one])] == ["second"]
    journal = reopened(tmp_path)
    assert list(journal.records([one])) == [], "this run has not done it"
    assert journal.take_over(one)
    assert [each.sentence for each in journal.records([one])] == ["second"]


def test_what_has_changed_or_failed_or_is_gone_is_not_taken_over(tmp_path: Path, reopened: Open) -> None:
    changed, failed, gone, kept = (track(tmp_path, f"{name}.mp3") for name in ("changed", "failed", "gone", "kept"))
    journal = reopened(tmp_path)
    add(journal, changed, kept)
    add(journal, failed, status="failed")
    add(journal, gone, outputs=("gone.json",))
    assert journal.is_current(failed), "one run does not try it again and again"
    changed.path.write_bytes(b"xx")
    assert not journal.is_current(changed)
    journal = reopened(tmp_path)
    assert [journal.take_over(each) for each in (changed, failed, gone, kept)] == [False, False, False, True]
    assert not reopened(tmp_path, "other").take_over(kept)


def test_a_run_that_came_to_its_end_is_told_from_one_that_did_not(tmp_path: Path, reopened: Open) -> None:
    journal = reopened(tmp_path)
    assert journal.n_unfinished == 0
    add(journal, track(tmp_path, "1.mp3"))
    assert reopened(tmp_path).n_unfinished == 1
    journal = reopened(tmp_path)
    journal.end()
    journal.end()
    assert reopened(tmp_path).n_unfinished == 0
    add(reopened(tmp_path), track(tmp_path, "2.mp3"))
    assert reopened(tmp_path).n_unfinished == 2


def test_the_records_are_not_kept_in_memory(tmp_path: Path, reopened: Open) -> None:
    journal = reopened(tmp_path)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(2000):
        journal.add("0" * 64, record(f"{number}.mp3", sentence=f"{number} " + "x" * 5000))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown / 2000 < 600
