"""Tags in the tracks themselves: whole at each moment, and undone byte for byte."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from genre_app.collection.tagging.fields import TagOptions
from genre_app.collection.tagging.files import file_genres
from genre_app.collection.tagging.in_place import InPlaceTagger
from genre_app.collection.tagging.undo import UNDO_NAME, UndoJournal, undo_all
from genre_app.collection.tagging.wanted import Tags
from genre_app.errors import TaggingError
from tests.collection.tagging.tagged_music import KINDS
from tests.paths import ROOT

TAGS = Tags(("Hip-hop", "Reggae"), ("Funk", "House"), ("party", "happy"), 121, "F#m")
WHEN_NS = 1_000_000_000_123_456_789


@dataclass(frozen=True)
class Library:
    """A track, its first version, and the journal of what is done to it."""

    track: Path
    original: bytes
    journal: UndoJournal

    def tag(self, tags: Tags = TAGS, *, is_unchanged: bool = True) -> list[str] | None:
        tagger = InPlaceTagger(self.journal, TagOptions(existing="replace"))
        plan = tagger.tag(self.track, tags, is_unchanged=is_unchanged)
        return plan.remarks if plan else None

    def undo(self) -> list[tuple[str, str]]:
        return [(undone.outcome, undone.reason) for undone in undo_all(self.journal)]


def library_in(folder: Path, kind: str = "mp3, ID3v2.3, ID3v1, APEv2") -> Library:
    music = folder / "music"
    music.mkdir()
    track = KINDS[kind](music)
    track = track.rename(track.with_stem("Ünï %41 \udcff"))
    track.chmod(0o640)
    os.utime(track, ns=(WHEN_NS, WHEN_NS))
    return Library(track, track.read_bytes(), UndoJournal(folder / UNDO_NAME))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return library_in(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_undo_restores_every_byte_of_every_kind(tmp_path: Path, kind: str) -> None:
    library = library_in(tmp_path, kind)
    assert library.tag() == []
    tagged = library.track.read_bytes()
    assert tagged != library.original
    assert library.journal.path.stat().st_size < 0.5 * len(library.original)
    for outcome in ("restored", "untouched"):
        assert library.undo() == [(outcome, "")]
        assert library.track.read_bytes() == library.original
    assert library.tag() == []
    assert library.track.read_bytes() == tagged


def test_times_rights_and_neighbours_stay(library: Library) -> None:
    for act in (library.tag, library.undo):
        act()
        status = library.track.stat()
        assert (status.st_mtime_ns, status.st_mode & 0o777) == (WHEN_NS, 0o640)
        assert list(library.track.parent.iterdir()) == [library.track]


def test_what_says_it_already_is_not_written(library: Library) -> None:
    library.tag()
    before = library.track.stat().st_ino
    assert library.tag() is None
    assert library.track.stat().st_ino == before
    assert library.undo() == [("restored", "")]


def test_several_runs_are_undone_to_the_first_version(library: Library) -> None:
    for tags in (TAGS, Tags(("Rock",)), Tags(("Metal",))):
        library.tag(tags)
    assert library.undo() == [("restored", "")] * 3
    assert library.track.read_bytes() == library.original
    assert library.undo() == [("untouched", "")]


def test_an_undo_that_was_stopped_goes_on(library: Library) -> None:
    for tags in (TAGS, Tags(("Rock",))):
        library.tag(tags)
    assert next(undo_all(library.journal)).outcome == "restored"
    assert library.track.read_bytes() != library.original
    library.undo()
    assert library.track.read_bytes() == library.original


def test_a_file_that_was_changed_since_is_left(library: Library) -> None:
    library.tag()
    with library.track.open("ab") as file:
        file.write(b"more")
    changed = library.track.read_bytes()
    assert library.undo() == [("left", "It has been changed since it was tagged.")]
    assert library.track.read_bytes() == changed
    library.track.unlink()
    assert library.undo() == [("gone", "")]


def test_a_file_that_was_renamed_is_found_beside_its_old_name(library: Library) -> None:
    library.tag()
    library.track.with_name("same size.mp3").write_bytes(bytes(library.track.stat().st_size))
    renamed = library.track.rename(library.track.with_name("renamed.mp3"))
    (gone,) = undo_all(library.journal)
    assert (gone.path, gone.outcome, gone.renamed) == (library.track, "gone", renamed)
    renamed.rename(library.track)
    assert library.undo() == [("restored", "")]


def test_a_damaged_journal_restores_nothing_wrong(library: Library) -> None:
    library.tag()
    tagged = library.track.read_bytes()
    change = next(library.journal.newest_first())
    steps = ((0, 1), *change.delta.steps)
    library.journal.path.write_text(
        change.model_copy(update={"delta": change.delta.model_copy(update={"steps": steps})}).model_dump_json()
    )
    assert library.undo() == [("left", "What the journal holds of it is damaged.")]
    assert library.track.read_bytes() == tagged


def test_a_line_that_was_cut_off_is_passed_over_and_not_gone_on_with(library: Library) -> None:
    library.tag()
    whole = library.journal.path.read_bytes()
    library.journal.path.write_bytes(whole + whole[:100])
    library.tag(Tags(("Rock",)))
    library.undo()
    assert library.track.read_bytes() == library.original


_KILLED = """
import os, sys
from pathlib import Path
from tests.collection.tagging.test_in_place import Library, UndoJournal
replace = Path.replace
def killed(self, target):
    if sys.argv[3] == "after":
        replace(self, target)
    os._exit(9)
Path.replace = killed
track = Path(sys.argv[1])
Library(track, b"", UndoJournal(Path(sys.argv[2]))).tag()
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_is_killed_loses_nothing(library: Library, moment: str) -> None:
    command = [sys.executable, "-c", _KILLED, str(library.track), str(library.journal.path), moment]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 9
    genres = file_genres(library.track)
    assert genres == (() if moment == "before" else (["Hip-hop", "Reggae"][0], "Reggae"))
    assert library.undo() == [("untouched" if moment == "before" else "restored", "")]
    assert library.track.read_bytes() == library.original
    for rest in library.track.parent.glob(".genre-app-*"):
        os.utime(rest, (0, 0))
    library.tag()
    assert list(library.track.parent.iterdir()) == [library.track]


def test_nothing_is_changed_that_cannot_be_undone(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UndoJournal, "add", _no_room)
    with pytest.raises(OSError, match="No space"):
        library.tag()
    assert library.track.read_bytes() == library.original
    assert list(library.track.parent.iterdir()) == [library.track]


def _no_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_link_stays_and_its_file_is_tagged_once(library: Library) -> None:
    link = library.track.with_name("link.mp3")
    link.symlink_to(library.track.name)
    tagger = InPlaceTagger(library.journal, TagOptions())
    assert tagger.tag(link, TAGS, is_unchanged=True)
    assert link.is_symlink()
    assert file_genres(library.track) == ("Hip-hop", "Reggae")
    assert tagger.tag(library.track, TAGS, is_unchanged=False) is None


@pytest.mark.parametrize("obstacle", ["hard link", "changed", "protected"])
def test_what_must_not_be_changed_is_refused(library: Library, obstacle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if obstacle == "hard link":
        library.track.with_name("second.mp3").hardlink_to(library.track)
    elif obstacle == "protected":
        monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root
    with pytest.raises(TaggingError, match="was not tagged"):
        library.tag(is_unchanged=obstacle != "changed")
    assert library.track.read_bytes() == library.original
