"""ID3v2 tags frame by frame: rare forms are read, other frames keep their bytes, what is damaged is refused."""

import zlib
from dataclasses import replace

import pytest

from genre_app.collection.tagging.fields import SEPARATOR
from genre_app.collection.tagging.id3_fields import id3_values, with_id3_values
from genre_app.collection.tagging.id3_tag import Frame, Id3Tag, read_id3
from genre_app.errors import TaggingError

PICTURE = Frame("APIC", b"\x00\x00", b"\x00image/png\x00\x03\x00\xff\xe0\xff\x00\xff")


def tag(body: bytes, *, version: int = 3, flags: int = 0) -> bytes:
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + size + body


def frame(name: bytes, content: bytes, flags: bytes = b"\0\0") -> bytes:
    return name + len(content).to_bytes(4) + flags + content


@pytest.mark.parametrize(
    ("content", "genres"),
    [
        (b"\x00(17)", ("Rock",)),
        (b"\x0017", ("Rock",)),
        (b"\x00(4)(17)Eurodisco", ("Disco", "Rock", "Eurodisco")),
        (b"\x00Dub; Ska", ("Dub", "Ska")),
        (b"\x00Dub\0Ska\0", ("Dub", "Ska")),
        (b"\x01\xff\xfeD\0u\0b\0\0\0", ("Dub",)),
        (b"\x02\0D\0u\0b", ("Dub",)),
        (b"\x00R\xe9ggae", ("Réggae",)),
        (b"\x03R\xe9", ()),
        (b"", ()),
    ],
)
def test_genres_are_read_in_every_spelling(content: bytes, genres: tuple[str, ...]) -> None:
    assert id3_values(read_id3(tag(frame(b"TCON", content))), SEPARATOR)["genre"] == genres


def test_version_2_2_stays_2_2_with_names_of_three_letters() -> None:
    body = b"TT2\x00\x00\x05\x00Song" + b"TCO\x00\x00\x05\x00(13)" + bytes(20)
    before = read_id3(tag(body, version=2))
    assert id3_values(before, SEPARATOR)["genre"] == ("Pop",)
    values = {"genre": ("Rock",), "styles": ("Funk", "Sæl ♪"), "moods": ("sad",), "tempo": ("90",), "key": ("C",)}
    data = bytes(with_id3_values(before, values, SEPARATOR))  # type: ignore[arg-type]
    after = read_id3(data)
    assert data[3] == after.version == 2
    assert [frame.name for frame in after.frames] == ["TT2", "TCO", "TXX", "TXX", "TBP", "TKE"]
    assert after.frames[0] == before.frames[0]
    assert id3_values(after, SEPARATOR) == values


def test_other_frames_keep_flags_content_and_order() -> None:
    odd = frame(b"TIT2", b"\0\0\0\x05\x78\x9c\x4b\xce", b"\x40\x80")  # read-only, compressed, and not even whole
    data = tag(odd + frame(b"TCON", b"\0Dub") + frame(b"XYZ0", b"?", b"\xe0\0"))
    after = bytes(with_id3_values(read_id3(data), {"genre": ("Rock",)}, SEPARATOR))
    assert after[10:].startswith(odd + frame(b"TCON", b"\0Rock") + frame(b"XYZ0", b"?", b"\xe0\0"))


def test_a_tag_with_room_keeps_its_length_and_others_get_room() -> None:
    roomy = tag(frame(b"TCON", b"\0Dub") + bytes(300))
    assert len(bytes(with_id3_values(read_id3(roomy), {"key": ("Am",)}, SEPARATOR))) == len(roomy)
    full = tag(frame(b"TCON", b"\0Dub"))
    assert len(bytes(with_id3_values(read_id3(full), {"key": ("Am",)}, SEPARATOR))) > len(full) + 1000


@pytest.mark.parametrize("version", [3, 4])
def test_unsynchronised_frames_are_read_and_kept(version: int) -> None:
    stored = PICTURE.content.replace(b"\xff", b"\xff\x00")
    content = stored if version == 4 else PICTURE.content  # a tag of 2.3 is unsynchronised as a whole
    body = frame(b"APIC", content) if version == 4 else frame(b"APIC", content).replace(b"\xff", b"\xff\x00")
    data = bytes(with_id3_values(read_id3(tag(body, version=version, flags=0x80)), {"key": ("Am",)}, SEPARATOR))
    after = read_id3(data)
    assert after.frames[0] == replace(PICTURE, content=content)
    assert bool(data[5] & 0x80) == after.is_unsynchronised == (version == 4)
    assert id3_values(after, SEPARATOR)["key"] == ("Am",)


def test_sizes_as_itunes_wrote_them_are_read() -> None:
    picture = frame(b"APIC", bytes(range(1, 201)))  # 200 is no number of four times seven bits
    after = read_id3(bytes(read_id3(tag(picture + frame(b"TCON", b"\x03Dub"), version=4))))
    assert [len(each.content) for each in after.frames] == [200, 4]


def test_a_compressed_genre_is_read() -> None:
    content = b"\0\0\0\x04" + zlib.compress(b"\0Dub")
    assert id3_values(read_id3(tag(frame(b"TCON", content, b"\0\x80"))), SEPARATOR)["genre"] == ("Dub",)


def test_an_extended_header_and_a_footer_are_passed_over() -> None:
    extended = tag(b"\0\0\0\x06\0\0\0\0\0\0" + frame(b"TCON", b"\0Dub"), flags=0x40)
    footed = tag(frame(b"TCON", b"\x03Dub"), version=4, flags=0x10)
    for data in (extended, footed + b"3DI" + footed[3:10]):
        assert id3_values(read_id3(data), SEPARATOR)["genre"] == ("Dub",)


def test_frames_that_say_one_thing_twice_become_one() -> None:
    body = frame(b"TCON", b"\0Dub") + frame(b"TIT2", b"\0Song") + frame(b"TCON", b"\0Ska")
    before = read_id3(tag(body))
    assert id3_values(before, SEPARATOR)["genre"] == ("Dub", "Ska")
    after = with_id3_values(before, {"genre": ("Rock",)}, SEPARATOR)
    assert [(each.name, each.content) for each in after.frames] == [("TCON", b"\0Rock"), ("TIT2", b"\0Song")]


@pytest.mark.parametrize(
    "data",
    [
        tag(frame(b"TCON", b"\0Dub"))[:-1],
        tag(b"TCON\0\0\x7f\x7f\0\0\0Dub"),
        tag(b"garbage in place of frames"),
        tag(b"\x01\x02"),
        tag(b"TCO\0\0\x01\0", version=2, flags=0x40),
        tag(b"", version=5),
    ],
)
def test_a_damaged_tag_is_refused(data: bytes) -> None:
    with pytest.raises(TaggingError, match="damaged"):
        read_id3(data)


def test_no_tag_is_an_empty_one() -> None:
    assert read_id3(b"\xff\xfb\x90\0") == read_id3(b"") == Id3Tag()
