"""Runs over whole folders, from the command line."""

import csv
import json
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import mutagen
import pytest
from click.testing import CliRunner, Result
from mutagen.id3 import ID3, TCON

from genre_app.cli.tags import tags
from genre_app.collection.embedding_file import EMBEDDINGS_NAME
from genre_app.collection.journal import JOURNAL_NAME
from genre_app.collection.tagging.undo import UNDO_NAME
from tests.collection.music_folder import MusicFolder, encode, make_music_folder
from tests.collection.program import PATIENCE_S, Program, files_in, statuses, wait_for_files
from tests.fakes import RATE_HZ, FakeBackend
from tests.sounds import tone, write_wav

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def odd_music(tmp_path_factory: pytest.TempPathFactory) -> MusicFolder:
    return make_music_folder(tmp_path_factory.mktemp("music"))


def assert_all_parse(folder: Path) -> None:
    for name in files_in(folder):
        if Path(name).name.startswith(".genre-app-"):
            continue  # unfinished and hidden: the next run removes it
        content = (folder / name).read_bytes()
        if name.endswith(".json"):
            json.loads(content)
        elif name.endswith(".csv"):
            assert len({len(row) for row in csv.reader(content.decode().splitlines())}) == 1
        elif name.endswith(".png"):
            assert content.endswith(b"IEND\xae\x42\x60\x82")
        elif name.endswith(".html"):
            assert content.rstrip().endswith(b"</html>")


def test_a_folder_of_odd_files_runs_to_its_end(run: Run, odd_music: MusicFolder, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    outcome = run(odd_music.path, "--output-dir", folder, "--formats", "json,csv", "--jobs", 4)
    assert outcome.exit_code == 1
    found = statuses(folder)
    assert {track for track, status in found.items() if status == "failed"} == odd_music.broken
    assert found.keys() == odd_music.good | odd_music.broken
    reports = {f"{track}.{extension}" for track in odd_music.good for extension in ("json", "csv")}
    assert files_in(folder).keys() == reports | {"summary.csv", "overview.html", JOURNAL_NAME}
    assert_all_parse(folder)
    errors = [line for line in outcome.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 10
    assert all(any(Path(track).name in line for line in errors) for track in odd_music.broken)
    assert "62 tracks in " in outcome.stderr
    assert re.search(r"^  Failed +10$", outcome.stderr, re.MULTILINE)


def test_every_format_is_written(run: Run, music: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    outcome = run(music / "CD 1", "--output-dir", folder, "--formats", "json, csv,PNG,html")
    assert outcome.exit_code == 0, outcome.output
    assert {name for name in files_in(folder) if name.startswith("3.wav")} == {
        *("3.wav.json", "3.wav.csv", "3.wav.png", "3.wav.html")
    }
    assert_all_parse(folder)


def test_a_folder_may_be_printed(run: Run, music: Path) -> None:
    outcome = run(music)
    assert outcome.exit_code == 0
    names = [json.loads(line)["metadata"]["track_name"] for line in outcome.stdout.splitlines()]
    assert names == [track.name for track in sorted(music.rglob("*.wav"))]
    assert "12 tracks in " in outcome.stderr


def test_outputs_beside_the_tracks_are_no_tracks_of_the_next_run(run: Run, tmp_path: Path) -> None:
    encode(tmp_path / "a.mp3", tone(2, 44_100, amplitude=0.9), 44_100)
    for _ in range(2):
        outcome = run(tmp_path, "--output-dir", tmp_path, "--write-tags")
        assert outcome.exit_code == 0, outcome.output
        assert statuses(tmp_path) == {"a.mp3": "confident"}
    assert str(mutagen.File(tmp_path / "tagged" / "a.mp3").tags["TCON"]) == "Metal"
    assert "TCON" not in (mutagen.File(tmp_path / "a.mp3").tags or {})


def test_a_dry_run_compares_shows_what_would_be_written_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name, amplitude in {"loud": 0.9, "metal": 0.9, "middle": 0.25}.items():
        encode(music / f"{name}.mp3", tone(2, 44_100, amplitude=amplitude), 44_100)
    carried = ID3(music / "loud.mp3")
    carried.add(TCON(encoding=3, text=["Po\x1bp\t"]))
    carried.save()
    encode(music / "z.webm", tone(2, 48_000, amplitude=0.9), 48_000)
    command = (music, "--write-tags", "--dry-run", "--no-facts", "--output-dir", tmp_path / "results")
    outcome = run(*command)
    assert outcome.exit_code == 0, outcome.output
    rows = [line.split("\t") for line in outcome.stdout.splitlines()]
    middle = next(row for row in rows if row[0] == "middle.mp3")
    assert middle[3:] == ["Not sure", "nothing: the answer is not sure"]
    assert [row for row in rows if row is not middle] == [
        ["Track", "In the file", "Heard", "Remark", "Would be written"],
        ["loud.mp3", "Po�p�", "Metal", "Differs", "nothing: what its tags say stays"],
        ["metal.mp3", "", "Metal", "Missing", "genre Metal"],
        ["z.webm", "", "Metal", "", "nothing: .webm files take no tags here"],
    ]
    assert "differs 1, missing 1, not sure 1" in outcome.stderr
    replacing = run(*command, "--existing", "replace").stdout.splitlines()
    assert replacing[1].endswith("\tgenre Metal")
    assert not (tmp_path / "results").exists()
    assert "overview.html" not in outcome.output
    assert "results" not in outcome.output


def test_a_dry_run_and_the_run_refuse_the_same_tracks_and_count_them(run: Run, tmp_path: Path) -> None:
    music, folder = tmp_path / "music", tmp_path / "results"
    music.mkdir()
    for name, amplitude in {"damaged.ogg": 0.9, "whole.ogg": 0.9, "middle.mp3": 0.25, "z.webm": 0.9}.items():
        encode(music / name, tone(4, 48_000, amplitude=amplitude), 48_000)
    damage_a_page(music / "damaged.ogg")
    (music / "empty.mp3").touch()
    command = (music, "--write-tags", "--output-dir", folder, "--no-facts")
    refused = [
        "     1  .webm files take no tags here: z.webm",
        "     1  its tags cannot be written: damaged.ogg",
        "     1  the answer is not sure: middle.mp3",
        "     1  failed, as listed below",
    ]
    shown = run(*command, "--dry-run")
    assert "damaged.ogg\t\tMetal\tMissing\tnothing: its tags cannot be written" in shown.stdout
    assert tag_lines(shown) == ["Tags would be written into 1 file", "4 files would get no new tags:", *refused]
    done = run(*command)
    assert tag_lines(done) == ["Tags were written into 1 file", "4 files got no new tags:", *refused]
    assert "\n  note: It was not tagged: its tags cannot be written.\n" in done.stderr
    resumed = tag_lines(run(*command, "--resume"))
    assert resumed[0] == "Tags were written into 0 files; an earlier run wrote them into 1 file"
    assert resumed[2:] == refused


def damage_a_page(ogg: Path) -> None:
    """Damage a page: tags can be read, and not written, as they need one page more and all are numbered anew."""
    file = mutagen.File(ogg)
    file["TITLE"] = ["x" * 3300]
    file.save(padding=lambda _: 0)
    content = ogg.read_bytes()
    middle = content.index(b"OggS", len(content) // 2)
    ogg.write_bytes(content[:middle] + b"xxxx" + content[middle + 4 :])


def tag_lines(outcome: Result) -> list[str]:
    """Return what the summary says of tags."""
    lines = outcome.stderr.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("Tags w"))
    return lines[first : lines.index("What failed:")]


def test_a_dry_run_in_place_refuses_what_must_not_be_changed(run: Run, tmp_path: Path) -> None:
    for name in ("a.mp3", "c.mp3"):
        encode(tmp_path / name, tone(2, 44_100, amplitude=0.9), 44_100)
    (tmp_path / "b.mp3").hardlink_to(tmp_path / "a.mp3")
    (tmp_path / "d.mp3").symlink_to("c.mp3")
    outcome = run(tmp_path, "--write-tags", "--in-place", "--dry-run", "--no-facts", "--jobs", 1)
    assert "Tags would be written into 1 file\n3 files would get no new tags:\n" in outcome.stderr
    assert "     2  it has a second name (a hard link), from which it would part: a.mp3, b.mp3\n" in outcome.stderr
    assert "     1  what its tags say stays: d.mp3\n" in outcome.stderr
    assert "Tags would be" not in run(tmp_path).stderr


def test_tracks_that_are_tagged_in_place_are_finished_and_can_be_had_back(
    run: Run, tmp_path: Path, backend: FakeBackend
) -> None:
    music, folder = tmp_path / "music", tmp_path / "results"
    music.mkdir()
    track = encode(music / "a.mp3", tone(2, 44_100, amplitude=0.9), 44_100)
    original = track.read_bytes()
    command = (music, "--output-dir", folder, "--write-tags", "--in-place")
    outcome = run(*command)
    assert outcome.exit_code == 0, outcome.output
    assert f"To undo the tags: genre tags undo {folder}" in outcome.stderr
    assert str(mutagen.File(track).tags["TCON"]) == "Metal"
    assert not (folder / "tagged").exists()
    n_patches = backend.n_patches
    assert run(*command, "--resume").exit_code == 0
    assert backend.n_patches == n_patches
    for says in ("1 restored.", "1 as it was already."):
        undone = CliRunner().invoke(tags, ["undo", str(folder)])
        assert (undone.exit_code, undone.stderr) == (0, f"{says}\n")
        assert track.read_bytes() == original
    track.write_bytes(b"another")
    undone = CliRunner().invoke(tags, ["undo", str(folder / UNDO_NAME)])
    assert undone.exit_code == 1
    assert f"error: {track} was not restored. It has been changed since it was tagged." in undone.stderr


def test_resuming_does_only_what_is_missing(run: Run, music: Path, tmp_path: Path, backend: FakeBackend) -> None:
    folder = tmp_path / "results"
    go_on = (music, "--output-dir", folder, "--resume")
    assert run(*go_on).exit_code == 0
    assert backend.n_patches == 36
    before = files_in(folder)
    assert run(*go_on).exit_code == 0
    assert backend.n_patches == 36
    (folder / "CD 0" / "2.wav.json").unlink()
    write_wav(music / "CD 0" / "4.wav", tone(5, RATE_HZ), RATE_HZ)
    outcome = run(*go_on)
    assert backend.n_patches == 36 + 3 + 5
    assert "10 of them finished before" in outcome.stderr
    changed = {name for name, when in files_in(folder).items() if before[name] != when}
    assert changed == {"CD 0/2.wav.json", "CD 0/4.wav.json", "summary.csv", "overview.html", JOURNAL_NAME}
    assert len(statuses(folder)) == 12


@pytest.mark.parametrize(
    "change",
    [("--window-seconds", 5), ("--formats", "json,csv"), ("--no-facts",), ("--write-tags",), ("--smoothing", 2)],
)
def test_other_options_do_every_track_again(
    run: Run, music: Path, tmp_path: Path, backend: FakeBackend, change: tuple[object, ...]
) -> None:
    run(music, "--output-dir", tmp_path / "results")
    run(music, "--output-dir", tmp_path / "results", "--resume", *change)
    assert backend.n_patches == 72


def test_moods_that_were_not_wanted_before_are_found(
    run: Run, music: Path, tmp_path: Path, backend: FakeBackend
) -> None:
    run(music, "--output-dir", tmp_path / "results")
    run(music, "--output-dir", tmp_path / "results", "--resume", "--moods")
    assert backend.n_patches == 3 * 36  # one fake serves as both classifier and tagger


def test_without_resume_every_track_is_done_again(run: Run, music: Path, tmp_path: Path, backend: FakeBackend) -> None:
    for _ in range(2):
        run(music, "--output-dir", tmp_path / "results")
    assert backend.n_patches == 72


def test_failed_tracks_are_tried_again(run: Run, music: Path, tmp_path: Path) -> None:
    (music / "new.wav").write_bytes(b"")
    assert run(music, "--output-dir", tmp_path / "results").exit_code == 1
    write_wav(music / "new.wav", tone(3, RATE_HZ), RATE_HZ)
    assert run(music, "--output-dir", tmp_path / "results", "--resume").exit_code == 0
    assert "failed" not in statuses(tmp_path / "results").values()


def test_a_track_that_breaks_the_program_does_not_end_the_run(
    run: Run, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genre_app.collection.track_job.windows_of", lambda *_: 1 // 0)
    outcome = run(music)
    assert outcome.exit_code == 1
    assert outcome.stderr.count("error: ") == 12
    assert "ZeroDivisionError" in outcome.stderr


def test_tracks_with_the_same_content_fail_under_their_own_names(
    run: Run, together: threading.Event, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for name in ("first.mp3", "second.mp3"):
        (music / name).write_text("no music at all " * 100)
    folder = tmp_path / "results"
    outcome = run(music, "--output-dir", folder, "--jobs", 2)
    sentence = "The file {} is not an audio file that this app knows; please choose an MP3, WAV, FLAC, M4A or OGG file."
    with (folder / "summary.csv").open(newline="", encoding="utf-8-sig") as table:
        found = {row["track"]: row["sentence"] for row in csv.DictReader(table)}
    assert found == {name: sentence.format(name) for name in ("first.mp3", "second.mp3")}
    assert all(f"error: {sentence.format(name)}" in outcome.stderr for name in found)


def test_a_folder_that_takes_no_files_is_wrong_usage(run: Run, music: Path, tmp_path: Path) -> None:
    (tmp_path / "results" / JOURNAL_NAME).mkdir(parents=True)
    outcome = run(music, "--output-dir", tmp_path / "results")
    assert outcome.exit_code == 2
    assert "cannot be written to" in outcome.stderr


def test_a_reader_that_leaves_ends_the_run(music: Path, tmp_path: Path) -> None:
    with Program(tmp_path, 13, music, "--jobs", 2) as program:
        process = program.process
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        program.go_on()
        process.wait(PATIENCE_S)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_killed_and_resumed_is_complete_and_nothing_is_done_twice(music: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    arguments = (music, "--output-dir", folder, "--jobs", 2, "--formats", "json,csv", "--resume")
    # Two of the first three reports may not be in the journal yet at the kill; 22 patches are then enough for seven.
    for n_patches, n_wanted in ((13, 3), (22, 7)):
        with Program(tmp_path, n_patches, *arguments) as program:
            wait_for_files(folder, "*.wav.csv", n_wanted)
            program.process.send_signal(signal.SIGKILL)
            program.process.wait(PATIENCE_S)
        assert program.process.returncode == -signal.SIGKILL
        assert_all_parse(folder)
    lines = (folder / JOURNAL_NAME).read_text().splitlines()
    finished = [output for line in lines for output in json.loads(line)["entry"]["outputs"]]
    assert not (folder / "summary.csv").exists()
    assert len(finished) >= 10
    before = files_in(folder)
    (folder / ".genre-app-abc.part.json").write_text("{")
    (folder / JOURNAL_NAME).write_text("\n".join([*lines, lines[0][:40]]))
    with Program(tmp_path, 36, *arguments) as program:
        _, log = program.process.communicate(timeout=PATIENCE_S)
    assert program.process.returncode == 0, log
    after = files_in(folder)
    assert {output for output in finished if after[output] != before[output]} == set()
    tracks = [str(track.relative_to(music)) for track in music.rglob("*.wav")]
    reports = {f"{track}.{extension}" for track in tracks for extension in ("json", "csv")}
    assert after.keys() == reports | {"summary.csv", "overview.html", JOURNAL_NAME, EMBEDDINGS_NAME}
    assert_all_parse(folder)
    assert statuses(folder).keys() == set(tracks)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_does_not_wait_for_the_model_and_says_how_to_go_on(
    music: Path, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "re sults"
    with Program(tmp_path, 13, music, "--output-dir", folder, "--jobs", 2) as program:
        process = program.process
        wait_for_files(folder, "*.wav.json", 3)
        process.send_signal(number)
        wait_for_files(folder, "summary.csv", 1)  # all is written while the model is stuck in the fourteenth patch
        program.go_on()
        out, log = process.communicate(timeout=PATIENCE_S)
    assert program.n_scored <= 13 + 6, "of twelve tracks, only the two at work may have come to their ends"
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in log
    assert "of 12 tracks are done. Go on with:" in log
    assert log.splitlines()[-1].strip() == (f"python -m genre_app --resume {music} --output-dir '{folder}' --jobs 2")
    # Of the three that are written, two may be on their way back from their workers; two more may come to their ends.
    assert 1 <= len(statuses(folder)) <= 6
    assert_all_parse(folder)


def test_an_interrupted_print_says_that_it_cannot_go_on(music: Path, tmp_path: Path) -> None:
    with Program(tmp_path, 13, music, "--jobs", 2) as program:
        process = program.process
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        program.go_on()
        _, log = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Only a run with --output-dir can go on." in log
