from pathlib import Path, PurePosixPath

import pytest

from genre_app.collection.places import name_outputs, portable
from genre_app.collection.tracks import Track, find_tracks
from genre_app.formatting import printable


def places(*paths: Path, leave_out: tuple[Path, ...] = ()) -> list[str]:
    return [str(track.place) for track in find_tracks(paths, leave_out=leave_out).tracks]


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def outputs(*names: str, extensions: tuple[str, ...] = (".json",), taken: tuple[str, ...] = ()) -> list[str]:
    tracks = [Track(Path(f"/{index}/{name}"), PurePosixPath(name)) for index, name in enumerate(names)]
    return [str(track.place) for track in name_outputs(tracks, extensions, taken=taken)]


def test_a_folder_is_searched_to_its_depth_and_sorted(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP3", "a.flac", "deep/er/c.opus", "notes.txt", "cover.jpg")
    assert places(tmp_path) == ["a.flac", "b.MP3", "deep/er/c.opus"]


def test_hidden_files_and_folders_are_skipped(tmp_path: Path) -> None:
    touch(tmp_path, ".a.mp3", ".b/c.mp3", "d.mp3")
    assert places(tmp_path) == ["d.mp3"]


def test_a_file_that_is_named_counts_whatever_its_name(tmp_path: Path) -> None:
    touch(tmp_path, ".odd", "song")
    assert places(tmp_path / ".odd", tmp_path / "song", tmp_path / "missing.mp3") == [".odd", "song", "missing.mp3"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path, "real/a.mp3", "z/b.mp3")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "aaa").symlink_to("z")
    assert places(tmp_path) == ["real/a.mp3", "z/b.mp3"]


def test_links_lead_out_of_the_folder(tmp_path: Path) -> None:
    touch(tmp_path, "music/a.mp3", "other/b.mp3")
    (tmp_path / "music" / "more").symlink_to(tmp_path / "other")
    (tmp_path / "music" / "c.mp3").symlink_to("../other/b.mp3")
    assert places(tmp_path / "music") == ["a.mp3", "c.mp3", "more/b.mp3"]


def test_several_folders_keep_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "CD 1/01.mp3", "CD 2/01.mp3", "x.mp3")
    assert places(tmp_path / "CD 1", tmp_path / "CD 2", tmp_path / "x.mp3") == ["CD 1/01.mp3", "CD 2/01.mp3", "x.mp3"]


def test_a_file_that_its_folder_holds_comes_once(tmp_path: Path) -> None:
    touch(tmp_path, "m/a.mp3", "m/s/b.mp3")
    assert places(tmp_path / "m" / "s", tmp_path / "m" / "a.mp3", tmp_path / "m") == ["s/b.mp3", "a.mp3"]
    assert places(tmp_path / "m", tmp_path / "m" / "s") == ["m/a.mp3", "m/s/b.mp3"]
    assert find_tracks([tmp_path / "m", tmp_path / "m" / "s"]).problems == []


def test_outputs_are_not_tracks_unless_they_are_named(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp3", "out/tagged/a.mp3")
    assert places(tmp_path, leave_out=(tmp_path / "out", tmp_path / "none")) == ["a.mp3"]
    assert places(tmp_path / "out", leave_out=(tmp_path / "out",)) == ["tagged/a.mp3"]
    assert places(tmp_path / "out", leave_out=(tmp_path / "out", tmp_path / "out" / "tagged")) == []


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    touch(tmp_path / "with", "a.mp3")
    (tmp_path / "without").mkdir()
    found = find_tracks([tmp_path / "with", tmp_path / "without"])
    assert found.nothing_found == [f"The folder {tmp_path / 'without'} holds no audio files."]


def test_a_folder_that_cannot_be_opened_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.mp3", "locked/b.mp3")
    scandir = __import__("os").scandir

    def refuse(folder: str) -> object:
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr("genre_app.collection.tracks.os.scandir", refuse)
    found = find_tracks([tmp_path])
    assert [track.path.name for track in found.tracks] == ["a.mp3"]
    assert found.problems == [f"The folder {tmp_path / 'locked'} cannot be opened: Permission denied."]


def test_names_that_are_not_unicode_are_found_and_can_be_printed(tmp_path: Path) -> None:
    name = b"caf\xe9.mp3".decode("utf-8", "surrogateescape")
    try:
        touch(tmp_path, name)
    except OSError:
        pytest.skip("this file system takes only Unicode")
    (track,) = find_tracks([tmp_path]).tracks
    assert track.path.exists()
    assert str(track.place) == printable(name) == "caf\ufffd.mp3"


def test_outputs_never_collide() -> None:
    assert outputs("a.mp3", "a.wav") == ["a.mp3", "a.wav"]
    assert outputs("a.mp3", "A.mp3", "a.MP3") == ["a.mp3", "A.mp3-2", "a.MP3-3"]
    assert outputs("é.mp3", "e\u0301.mp3") == ["é.mp3", "e\u0301.mp3-2"]
    assert outputs("a.mp3", "a.mp3-2", "A.mp3") == ["a.mp3", "a.mp3-2", "A.mp3-3"]


def test_outputs_do_not_take_the_place_of_others() -> None:
    assert outputs("summary", extensions=(".csv",), taken=("summary.csv",)) == ["summary-2"]
    assert outputs("a", "a.json/b.mp3") == ["a-2", "a.json/b.mp3"]
    assert outputs("a", "a.json", extensions=("", ".json")) == ["a", "a.json-2"]


def test_a_path_that_comes_again_is_dropped() -> None:
    track = Track(Path("a.mp3"), PurePosixPath("a.mp3"))
    assert name_outputs([track, track], [".json"]) == [track]


def test_long_names_leave_room_for_an_extension() -> None:
    longest = ["♪" * 84 + ".x", "♪" * 84 + ".y"]
    short = outputs(*longest)
    assert len(set(short)) == 2
    assert all(len(name.encode()) <= 240 for name in short)
    assert outputs("x" * 200) == ["x" * 200]


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("song.mp3", "song.mp3"),
        ("Ünïcödé 音楽.mp3", "Ünïcödé 音楽.mp3"),
        ('<a>:"b"|c?*\\/.mp3', "_a___b__c____.mp3"),
        ("a\x00b\x1f\x85\u2028\u202e.mp3", "a_b____.mp3"),
        ("trailing. .", "trailing___"),
        ("...", "___"),
        ("CON", "_CON"),
        ("nul.mp3", "_nul.mp3"),
        ("Aux .tar.gz", "_Aux .tar.gz"),
        ("com1.mp3", "_com1.mp3"),
        ("LPT².mp3", "_LPT².mp3"),
        ("console.mp3", "console.mp3"),
        ("com.mp3", "com.mp3"),
    ],
)
def test_a_name_is_mended_for_every_system(name: str, mended: str) -> None:
    assert portable(name) == mended


def test_what_is_left_out_is_counted_by_kind(tmp_path: Path) -> None:
    assert str(find_tracks([touch(tmp_path / "a", "x.mp3")]).left_out) == ""
    touch(tmp_path, *(f"{n}/cover.JPG" for n in range(3)), "a.png", "b.m4p", "c.m4p", ".x", "README", "d.ape", "e.cue")
    assert str(find_tracks([tmp_path]).left_out) == (
        "4 pictures, 2 .m4p (protected), 1 .ape (cannot be read), 1 hidden, 1 playlist, 1 without an extension"
    )


def test_many_kinds_are_a_short_line(tmp_path: Path) -> None:
    touch(tmp_path, *(f"a.{letter}" for letter in "bcdefghij"), "x.\x1b[31m")
    assert str(find_tracks([tmp_path]).left_out) == "1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 1 .g, 4 others"
