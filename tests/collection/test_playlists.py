"""Playlists: what stands in which, where they lead, and whose files they leave alone."""

import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import pytest
from click.testing import Result

from genre_app.collection.playlists import playlists_of, write_playlists
from genre_app.collection.record import TrackRecord
from genre_app.collection.tracks import Track
from genre_app.results.schema import TrackFacts
from tests.fakes import FakeBackend
from tests.results import answers
from tests.results.answers import Section

Run = Callable[..., Result]
FACTS = TrackFacts(tempo_bpm=119.6)


def record_of(name: str, *sections: Section) -> TrackRecord:
    return TrackRecord.of(name, answers.result_of(*sections).model_copy(update={"facts": FACTS}))


def rock(name: str, genre: str = "Rock") -> TrackRecord:
    return TrackRecord(track=name, status="confident", sentence="", duration_seconds=9.6, written_genres=(genre,))


def tracks_in(folder: Path, *names: str) -> list[Track]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return [Track(folder / name, PurePosixPath(name)) for name in names]


def listed(playlist: Path) -> list[str]:
    return [line for line in playlist.read_text("utf-8").splitlines() if not line.startswith("#")]


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("sections", "playlists"),
    [
        (answers.CONFIDENT, ["Genre - Disco", "Style - Funk", "Mood - Upbeat"]),
        (answers.MIXED, ["Genre - Hip-hop", "Genre - Reggae", "Genre - Classical"]),
        (
            answers.OUTSIDE,
            [
                *("Genre - Ambient & new age", "Genre - Electronic"),
                *("Style - Ambient & new age", "Style - Electronic", "Mood - Relaxed"),
            ],
        ),
        (answers.UNCERTAIN, ["Style - Funk"]),
    ],
)
def test_each_kind_of_answer_has_its_playlists(sections: tuple[Section, ...], playlists: list[str]) -> None:
    assert playlists_of(record_of("a.mp3", *sections)) == [*playlists, "Tempo - 120 to 139 BPM"]


def test_what_is_no_music_or_failed_is_in_none() -> None:
    assert playlists_of(record_of("a.mp3", *answers.NOT_MUSIC)) == []
    assert playlists_of(TrackRecord.failure("a.mp3", "It is empty.")) == []


@pytest.mark.parametrize(
    ("tempo_bpm", "name"),
    [(59.4, "under 60 BPM"), (59.6, "60 to 79 BPM"), (139.4, "120 to 139 BPM"), (160.0, "160 BPM and more")],
)
def test_tempi_are_parted_where_they_are_shown(tempo_bpm: float, name: str) -> None:
    record = TrackRecord(track="a", status="uncertain", sentence="", tempo_bpm=tempo_bpm, written_genres=())
    assert playlists_of(record) == [f"Tempo - {name}"]


def test_an_older_journal_has_the_genres_that_it_knows() -> None:
    line = '{"track": "a", "status": "confident", "sentence": "", "genre": "hiphop", "styles": ["funk"]}'
    assert playlists_of(TrackRecord.model_validate_json(line)) == ["Genre - Hip-hop", "Style - Funk"]


def test_a_playlist_is_read_by_players_wherever_both_folders_are(tmp_path: Path) -> None:
    names = ["#1.mp3", "B\N{LATIN SMALL LETTER A WITH DIAERESIS}ä, b.mp3", "left out.mp3", "c.mp3"]
    tracks = tracks_in(tmp_path / "home" / "music", *names)
    folder = tmp_path / "home" / "results" / "playlists"
    folder.parent.mkdir()
    records = [rock(name) for name in names if name != "left out.mp3"]
    assert write_playlists(folder, tracks, records) == []
    text = (folder / "Genre - Rock.m3u8").read_bytes().decode("utf-8")
    assert text.startswith("#EXTM3U\n#EXTINF:10,#1\n../../music/#1.mp3\n#EXTINF:10,Bää, b\n")
    (tmp_path / "home").rename(tmp_path / "elsewhere")
    moved = tmp_path / "elsewhere" / "results" / "playlists"
    files = [moved / line for line in listed(moved / "Genre - Rock.m3u8")]
    assert [file.name for file in files] == [names[0], names[1], names[3]]
    assert all(file.is_file() for file in files)


def test_paths_lead_out_of_a_folder_that_is_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk" / "deep").mkdir(parents=True)
    (tmp_path / "results").symlink_to(tmp_path / "disk" / "deep")
    tracks = tracks_in(tmp_path / "music", "a.mp3")
    write_playlists(tmp_path / "results" / "playlists", tracks, [rock("a.mp3")])
    (line,) = listed(tmp_path / "results" / "playlists" / "Genre - Rock.m3u8")
    assert line == "../../../music/a.mp3"
    assert (tmp_path / "results" / "playlists" / line).is_file()


def test_music_on_another_drive_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", refuse)
    (remark,) = write_playlists(tmp_path / "playlists", tracks_in(tmp_path, "a.mp3"), [rock("a.mp3")])
    assert "another drive" in remark
    assert listed(tmp_path / "playlists" / "Genre - Rock.m3u8") == [str(tmp_path.resolve() / "a.mp3")]


def test_names_that_cannot_stand_in_a_line_are_left_out_and_said(tmp_path: Path) -> None:
    names = ["a\nb.mp3", "c\u2028d.mp3", "caf\udce9.mp3", "plain.mp3"]
    tracks = [Track(tmp_path / name, PurePosixPath(f"{i}.mp3")) for i, name in enumerate(names)]
    (remark,) = write_playlists(tmp_path / "playlists", tracks, [rock(f"{i}.mp3") for i in range(4)])
    assert remark.startswith("3 tracks are in no playlist")
    assert remark.endswith(": 0.mp3 and others.")
    assert listed(tmp_path / "playlists" / "Genre - Rock.m3u8") == ["../plain.mp3"]


@pytest.mark.parametrize(
    ("genres", "files"),
    [
        (["AC/DC: live?"], {"Genre - AC_DC_ live_.m3u8"}),
        (["Hip Hop", "hip hop"], {"Genre - Hip Hop.m3u8"}),
        (["ä" * 150], {f"Genre - {'ä' * 96}.m3u8"}),
        (["../up"], {"Genre - .._up.m3u8"}),
    ],
)
def test_playlists_have_names_for_every_file_system(tmp_path: Path, genres: list[str], files: set[str]) -> None:
    tracks = tracks_in(tmp_path, *(f"{i}.mp3" for i in range(len(genres))))
    write_playlists(tmp_path / "playlists", tracks, [rock(f"{i}.mp3", genre) for i, genre in enumerate(genres)])
    assert names_in(tmp_path / "playlists") == files
    assert len(listed(tmp_path / "playlists" / files.pop())) == len(genres)


def test_only_what_a_run_wrote_is_replaced_or_removed(tmp_path: Path) -> None:
    folder = tmp_path / "playlists"
    tracks = tracks_in(tmp_path, "a.mp3")

    def write(*genres: str) -> list[str]:
        repeated = [Track(track.path, PurePosixPath(str(i))) for track in tracks for i in range(len(genres))]
        return write_playlists(folder, repeated, [rock(str(i), genre) for i, genre in enumerate(genres)])

    write("Jazz", "Pop", "Rock")
    mine = "#EXTM3U\nmine.mp3\n"
    (folder / "Mine.m3u8").write_text(mine)
    (folder / "Copy.m3u8").write_bytes((folder / "Genre - Jazz.m3u8").read_bytes())
    with (folder / "Genre - Pop.m3u8").open("a") as file:
        file.write("more.mp3\n")
    assert write("Rock") == []
    assert names_in(folder) == {"Mine.m3u8", "Copy.m3u8", "Genre - Pop.m3u8", "Genre - Rock.m3u8"}
    (folder / "Genre - Soul.m3u8").symlink_to("nowhere")
    (folder / "Genre - Folk.m3u8").mkdir()
    assert len(write("Folk", "Soul")) == 2
    (remark,) = write("Pop")
    assert "Genre - Pop.m3u8 was not written" in remark
    assert listed(folder / "Genre - Pop.m3u8")[-1] == "more.mp3"
    assert (folder / "Mine.m3u8").read_text() == mine
    assert (folder / "Genre - Soul.m3u8").is_symlink()
    assert not (folder / "Genre - Rock.m3u8").exists()


def test_a_folder_without_playlists_is_not_left_behind(tmp_path: Path) -> None:
    tracks = tracks_in(tmp_path, "a.mp3")
    write_playlists(tmp_path / "playlists", tracks, [rock("a.mp3")])
    write_playlists(tmp_path / "playlists", tracks, [])
    assert not (tmp_path / "playlists").exists()


def test_hundreds_of_playlists_need_few_open_files(tmp_path: Path) -> None:
    tracks = [Track(tmp_path / f"{'x' * 60}{i}.mp3", PurePosixPath(str(i))) for i in range(3000)]
    records = (rock(str(i), f"G{i % 300}") for i in range(3000))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/dev/fd").iterdir())) + 20, hard))
    try:
        assert write_playlists(tmp_path / "playlists", tracks, records) == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [len(listed(playlist)) for playlist in (tmp_path / "playlists").iterdir()] == [10] * 300


def playlists(folder: Path) -> dict[str, Sequence[str]]:
    return {path.name: listed(path) for path in (folder / "playlists").iterdir() if path.name.startswith("Genre")}


def test_a_run_writes_playlists_from_its_journal(run: Run, music: Path, tmp_path: Path, backend: FakeBackend) -> None:
    folder = tmp_path / "results"
    run(music, "--no-facts", "--output-dir", folder)
    n_patches = backend.n_patches
    outcome = run(music, "--no-facts", "--output-dir", folder, "--playlists", "--resume")
    assert f"Playlists: {folder / 'playlists'}" in outcome.stderr
    assert backend.n_patches == n_patches, "the records of the first run are enough"
    before = playlists(folder)
    assert len({line for lines in before.values() for line in lines}) == 10  # two are not sure
    assert all((folder / "playlists" / line).is_file() for lines in before.values() for line in lines)
    (music / "CD 0" / "2.wav").unlink()
    run(music, "--no-facts", "--output-dir", folder, "--playlists", "--resume")
    gone = "../../music/CD 0/2.wav"
    assert playlists(folder) == {name: [line for line in lines if line != gone] for name, lines in before.items()}


def test_a_run_with_a_vocabulary_uses_its_words_everywhere(
    run: Run, music: Path, tmp_path: Path, backend: FakeBackend
) -> None:
    folder, words = tmp_path / "results", tmp_path / "words.toml"
    words.write_text('[names]\nmetal = "Heavy"\nrock = "Heavy"\npop = "Heavy"')
    arguments = (music, "--no-facts", "--output-dir", folder, "--playlists", "--vocabulary", words)
    run(*arguments)
    assert set(playlists(folder)) == {"Genre - Heavy.m3u8"}
    assert "Written as" in (folder / "overview.html").read_text("utf-8")
    assert "|Heavy" not in (folder / "summary.csv").read_text("utf-8")
    n_patches = backend.n_patches
    run(*arguments, "--resume")
    assert backend.n_patches == n_patches
    words.write_text('[names]\nmetal = ""\nrock = ""\npop = ""')
    run(*arguments, "--resume")
    assert backend.n_patches == 2 * n_patches, "other words, other outputs"
    assert not (folder / "playlists").exists()


def test_a_vocabulary_with_mistakes_is_wrong_usage(run: Run, music: Path, tmp_path: Path, backend: FakeBackend) -> None:
    words = tmp_path / "words.toml"
    words.write_text('[names]\nmetl = "M"\nrok = "R"')
    outcome = run(music, "--vocabulary", words)
    assert outcome.exit_code == 2
    assert f"The vocabulary {words} cannot be used:\n  Line 2, names.metl: " in outcome.stderr
    assert "\n  Line 3, names.rok: " in outcome.stderr
    assert backend.batches == []
