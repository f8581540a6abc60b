"""Round trips through every kind of file: ours is there, what is not ours is as it was, and the sound too."""

from pathlib import Path
from typing import Any
from unittest import mock

import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, ParseID3v1

from genre_app.collection.tagging.fields import FIELDS, TagOptions
from genre_app.collection.tagging.files import (
    TAGGED_EXTENSIONS,
    TagPlan,
    can_be_tagged,
    file_genres,
    open_tags,
    write_tagged_copy,
)
from genre_app.collection.tagging.rehearsal import Rehearsal
from genre_app.collection.tagging.wanted import Tags
from genre_app.errors import TaggingError
from tests.collection.music_folder import encode
from tests.collection.tagging.tagged_music import KINDS, ffmpeg_tags, others, sound_md5, with_id3
from tests.sounds import tone

TAGS = Tags(("Hip-hop", "Reggae"), ("Funk", "House"), ("party", "happy"), 121, "F#m")


@pytest.fixture(params=KINDS)
def track(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return KINDS[request.param](tmp_path)


def copy_of(track: Path, tags: Tags = TAGS, **options: Any) -> tuple[Path, list[str] | None]:
    target = track.with_stem("copy")
    plan = write_tagged_copy(target, track, tags, TagOptions(**options))
    return target, plan.remarks if plan else None


def test_a_copy_says_what_is_wanted_and_everything_that_the_original_said(track: Path) -> None:
    before = track.read_bytes()
    target, remarks = copy_of(track)
    assert remarks == []
    assert open_tags(target).values == TAGS.values()
    assert others(target) == others(track) != []
    assert sound_md5(target) == sound_md5(track)
    assert track.read_bytes() == before
    assert sorted(track.parent.iterdir()) == sorted([track, target])


def is_several_in_one(path: Path) -> bool:
    return path.suffix in {".m4a", ".wma"} or path.read_bytes().find(b"ID3\x04") >= 0


def test_ffmpeg_reads_the_same(track: Path) -> None:
    target, _ = copy_of(track)
    read = ffmpeg_tags(target)
    for name, first, both in (("GENRE", "Hip-hop", "Hip-hop;Reggae"), ("STYLE", "Funk", "Funk;House")):
        # Of the strings of ID3v2.4, MP4 and Windows Media it reads the first; it joins Vorbis comments itself.
        assert read[name].replace("; ", ";") == (first if is_several_in_one(target) else both)
    assert read.get("TKEY", read.get("INITIALKEY")) == "F#m"
    if track.suffix != ".m4a":  # FFmpeg leaves the tempo of MP4 out
        assert "121" in {read.get(name) for name in ("TBPM", "BPM", "BEATSPERMINUTE")}
    assert read["TITLE"] == "Título ♪"


def test_mutagen_reads_the_same(track: Path) -> None:
    target, _ = copy_of(track)
    tags: Any = mutagen.File(target).tags
    if not isinstance(tags, ID3):
        genre = {".m4a": "\xa9gen", ".wma": "WM/Genre"}.get(track.suffix, "genre")
        assert tags[genre] == ["Hip-hop", "Reggae"]
    elif tags.version[:2] == (2, 4):
        assert tags["TCON"].text == ["Hip-hop", "Reggae"]
        assert (tags["TXXX:STYLE"].text, tags["TMOO"].text) == (["Funk", "House"], ["party", "happy"])
    else:
        assert tags["TCON"].text == ["Hip-hop; Reggae"]
        assert (tags["TXXX:STYLE"].text, tags["TXXX:MOOD"].text) == (["Funk; House"], ["party; happy"])


def test_each_field_can_be_left_out(track: Path) -> None:
    for field in FIELDS:
        target, _ = copy_of(track, fields=(field,))
        said = open_tags(target).values
        assert {name for name, strings in said.items() if strings} == {field}


@pytest.mark.parametrize(
    ("existing", "genres", "tempo"),
    [
        ("keep", ("Dub",), "90"),
        ("replace", ("Hip-hop", "Reggae"), "121"),
        ("append", ("Dub", "Hip-hop", "Reggae"), "90"),
    ],
)
def test_what_is_there_is_kept_replaced_or_gets_more(
    track: Path, existing: str, genres: tuple[str, ...], tempo: str
) -> None:
    target, _ = copy_of(track, Tags(("Dub",), bpm=90))
    target.replace(track)
    target, _ = copy_of(track, existing=existing)
    said = open_tags(target).values
    assert (said["genre"], said["tempo"]) == (genres, (tempo,))
    assert said["styles"] == ("Funk", "House")  # there was none
    assert others(target) == others(track)


def test_tags_that_are_there_already_change_nothing(track: Path) -> None:
    target, _ = copy_of(track)
    again = target.with_stem("again")
    assert write_tagged_copy(again, target, TAGS, TagOptions(existing="replace")) is None
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("version", [3, 4])
def test_an_id3_tag_keeps_its_version(tmp_path: Path, version: int) -> None:
    target, _ = copy_of(with_id3(encode(tmp_path / "song.mp3", tone(1, 44_100), 44_100), version))
    assert target.read_bytes()[:4] == b"ID3" + bytes([version])


def test_all_tags_of_an_mp3_say_the_same(tmp_path: Path) -> None:
    target, remarks = copy_of(KINDS["mp3, ID3v2.3, ID3v1, APEv2"](tmp_path))
    ape = APEv2(target)
    assert list(ape["Genre"]) == ["Hip-hop", "Reggae"]
    assert (str(ape["Title"]), str(ape["Catalog"]), str(ape["BPM"])) == ("Título ♪", "7", "121")
    v1 = ParseID3v1(target.read_bytes()[-128:])
    assert (v1["TCON"].genres, remarks) == (["Hip-Hop"], [])


def test_a_genre_without_a_number_leaves_id3v1_behind_and_is_remarked(tmp_path: Path) -> None:
    track = KINDS["mp3, ID3v2.3, ID3v1, APEv2"](tmp_path)
    target, _ = copy_of(track, Tags(("Blues",)))
    target.replace(track)
    target, remarks = copy_of(track, Tags(("Dark & slow",)), existing="replace")
    assert remarks == ["Its ID3v1 tag still says Blues: it has no number for Dark & slow."]
    assert target.read_bytes()[-1] == 0


def test_the_separator_is_the_user_s_choice(tmp_path: Path) -> None:
    target, _ = copy_of(KINDS["mp3, ID3v2.3"](tmp_path), separator=" / ")
    assert str(ID3(target)["TCON"]) == "Hip-hop / Reggae"


def test_a_wav_says_its_genre_in_riff_info_too(tmp_path: Path) -> None:
    target, _ = copy_of(KINDS["wav"](tmp_path))
    data = target.read_bytes()
    assert b"IGNR\x10\0\0\0Hip-hop; Reggae\0" in data
    assert int.from_bytes(data[4:8], "little") == len(data) - 8


def test_a_file_without_tags_gets_some(tmp_path: Path) -> None:
    target, _ = copy_of(encode(tmp_path / "song.mp3", tone(1, 44_100), 44_100), Tags(("Rock",)))
    assert file_genres(target) == ("Rock",)
    assert not {"TBPM", "TKEY"} & set(ID3(target))


def test_an_ogg_that_holds_opus_is_tagged_as_what_it_is(tmp_path: Path) -> None:
    track = KINDS["opus"](tmp_path).rename(tmp_path / "song.ogg")
    target, _ = copy_of(track)
    assert file_genres(target) == ("Hip-hop", "Reggae")


def test_comments_that_are_no_unicode_are_not_damaged(tmp_path: Path) -> None:
    track = KINDS["flac"](tmp_path)
    track.write_bytes(track.read_bytes().replace("Título".encode(), b"T\xedtulo\xe9"[:7]))
    with pytest.raises(TaggingError, match="not in UTF-8"):
        copy_of(track)


@pytest.mark.parametrize(
    "content", [b"", b"no music " * 1000, b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0"]
)
def test_what_cannot_be_tagged_leaves_no_copy(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "song.m4a"
    source.write_bytes(content)
    with pytest.raises(TaggingError, match="was not tagged"):
        copy_of(source)
    assert list(tmp_path.iterdir()) == [source]
    assert file_genres(source) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_rehearsal_plans_what_is_written_and_writes_nothing(tmp_path: Path, kind: str) -> None:
    track = KINDS[kind](tmp_path)
    before = track.read_bytes()
    rehearsed = Rehearsal(TagOptions(), is_in_place=False).tag(track, TAGS, copy=None)
    assert rehearsed
    assert list(tmp_path.iterdir()) == [track]
    assert track.read_bytes() == before
    written = write_tagged_copy(tmp_path / f"target{track.suffix}", track, TAGS, TagOptions())
    assert written
    assert rehearsed.changes == written.changes


def test_a_rehearsal_without_room_promises_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    track = KINDS["mp3, ID3v2.3"](tmp_path)
    monkeypatch.setattr(TagPlan, "write", mock.Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(TaggingError, match=r"whether it takes tags cannot be tried \(No space left on device\)"):
        Rehearsal(TagOptions(), is_in_place=False).tag(track, TAGS, copy=None)


def test_a_copy_never_takes_the_original_s_place(tmp_path: Path) -> None:
    source = KINDS["mp3, ID3v2.3"](tmp_path)
    link = tmp_path / "link.mp3"
    link.symlink_to(source)
    before = source.read_bytes()
    for target in (source, link):
        with pytest.raises(TaggingError):
            write_tagged_copy(target, source, TAGS, TagOptions())
        with pytest.raises(TaggingError):
            Rehearsal(TagOptions(), is_in_place=False).tag(source, TAGS, copy=target)
    assert source.read_bytes() == before


def test_tags_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    track = KINDS["mp3, ID3v2.3"](tmp_path)
    track.write_bytes(b"ID3\x04\0\0\x02\0\0\0" + bytes(4 << 20) + track.read_bytes())
    assert file_genres(track, max_mb=1) is None


def test_extensions_count_without_case() -> None:
    assert all(can_be_tagged(f"A{extension.upper()}") for extension in TAGGED_EXTENSIONS)
    assert not can_be_tagged("a.webm")
