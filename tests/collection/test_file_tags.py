from pathlib import Path

import mutagen
import pytest
from mutagen.id3 import APIC, ID3, TIT2, TYER

from genre_app.collection.file_tags import TAGGED_EXTENSIONS, Tags, can_be_tagged, tags_for, write_tagged_copy
from genre_app.errors import TaggingError
from genre_app.results.build import build_result
from genre_app.results.schema import ClassificationResult, SliceOptions, TrackFacts, Verdict
from tests.collection.music_folder import FORMATS, encode
from tests.results.test_build import scored_track
from tests.sounds import tone

TAGS = Tags("Hip-hop", 121, "F#m")
FIELDS = {
    "mp3": ("TCON", "TBPM", "TKEY"),
    "m4a": ("\xa9gen", "tmpo", "----:com.apple.iTunes:initialkey"),
    "flac": ("genre", "bpm", "initialkey"),
    "ogg": ("genre", "bpm", "initialkey"),
    "opus": ("genre", "bpm", "initialkey"),
}


def track(folder: Path, extension: str) -> Path:
    rate_hz = FORMATS[extension][2]
    return encode(folder / f"song.{extension}", tone(1, rate_hz), rate_hz)


def text(value: object) -> str:
    first = value[0] if isinstance(value, list) else value
    return first.decode() if isinstance(first, bytes) else str(first)


def result(kind: str, facts: TrackFacts | None = None) -> ClassificationResult:
    verdict = Verdict.model_validate({"kind": kind, "sentence": "", "genres": ["hiphop"], "music_probability": None})
    made = build_result(scored_track(), SliceOptions())
    return made.model_copy(update={"verdict": verdict, "predicted_genre": "hiphop", "facts": facts})


@pytest.mark.parametrize("extension", FIELDS)
def test_a_copy_is_tagged_and_the_original_is_not(tmp_path: Path, extension: str) -> None:
    source = track(tmp_path, extension)
    before = source.read_bytes()
    target = tmp_path / f"copy.{extension}"
    write_tagged_copy(target, source, TAGS)
    tags = mutagen.File(target).tags
    assert [text(tags[field]) for field in FIELDS[extension]] == ["Hip-hop", "121", "F#m"]
    assert source.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([source.name, target.name])


def test_what_is_not_known_is_not_written(tmp_path: Path) -> None:
    target = tmp_path / "copy.mp3"
    write_tagged_copy(target, track(tmp_path, "mp3"), Tags("Rock"))
    assert text(mutagen.File(target).tags["TCON"]) == "Rock"
    assert not {"TBPM", "TKEY"} & set(mutagen.File(target).tags)


@pytest.mark.parametrize("version", [3, 4])
def test_other_tags_pictures_and_the_version_stay(tmp_path: Path, version: int) -> None:
    source = track(tmp_path, "mp3")
    tags = ID3(source)
    tags.add(TIT2(encoding=1, text=["Título ♪"]))
    tags.add(TYER(encoding=0, text=["1999"]))
    tags.add(APIC(encoding=0, mime="image/png", type=3, desc="", data=b"picture"))
    tags.save(source, v2_version=version)
    target = tmp_path / "copy.mp3"
    write_tagged_copy(target, source, TAGS)
    copied = ID3(target)
    assert copied.version[:2] == (2, version)
    assert (text(copied["TIT2"]), copied["APIC:"].data) == ("Título ♪", b"picture")


def test_an_ogg_that_holds_opus_is_tagged_as_what_it_is(tmp_path: Path) -> None:
    source = track(tmp_path, "opus").rename(tmp_path / "song.ogg")
    write_tagged_copy(tmp_path / "copy.ogg", source, TAGS)
    assert text(mutagen.File(tmp_path / "copy.ogg").tags["genre"]) == "Hip-hop"


@pytest.mark.parametrize("content", [b"", b"no music " * 1000, b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f"])
def test_what_cannot_be_tagged_leaves_no_copy(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "song.m4a"
    source.write_bytes(content)
    with pytest.raises(TaggingError, match="was not tagged"):
        write_tagged_copy(tmp_path / "copy.m4a", source, TAGS)
    assert list(tmp_path.iterdir()) == [source]


def test_a_copy_never_takes_the_original_s_place(tmp_path: Path) -> None:
    source = track(tmp_path, "mp3")
    link = tmp_path / "link.mp3"
    link.symlink_to(source)
    before = source.read_bytes()
    for target in (source, link):
        with pytest.raises(TaggingError):
            write_tagged_copy(target, source, TAGS)
    assert source.read_bytes() == before


def test_only_a_confident_answer_has_tags() -> None:
    facts = TrackFacts(tempo_bpm=120.6, key="F# minor")
    assert tags_for(result("confident", facts)) == TAGS
    assert tags_for(result("confident", TrackFacts(key="C major"))) == Tags("Hip-hop", None, "C")
    assert tags_for(result("confident")) == Tags("Hip-hop")
    assert tags_for(result("uncertain", facts)) is None
    assert tags_for(result("not_music", facts)) is None


def test_tags_are_said_in_a_line() -> None:
    assert str(TAGS) == "genre Hip-hop, 121 bpm, key F#m"
    assert str(Tags("Rock")) == "genre Rock"


def test_extensions_count_without_case() -> None:
    assert all(can_be_tagged(f"A{extension.upper()}") for extension in TAGGED_EXTENSIONS)
    assert not can_be_tagged("a.wav")
