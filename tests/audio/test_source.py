"""Opening files: the content counts and not the name, and other files are refused with one sentence."""

import struct
from pathlib import Path

import av
import pytest

from genre_app import errors
from genre_app.audio import SUPPORTED_EXTENSIONS, load_audio, open_audio
from genre_app.audio.source import READABLE_FORMATS
from tests.audio.recordings import (
    FORMATS,
    RATE_HZ,
    assert_is_tone,
    cut,
    encode_tone,
    refuses,
    write_picture,
    write_video,
)

#: What FFmpeg's formats for sound hold besides: pictures, subtitles, films for the eye alone, parts of streams.
NOT_SOUND = {"avif", "heic", "heif", "mks", "mk3d", "ism", "isma", "ismv", "mj2", "psp"}


def test_every_extension_is_tested() -> None:
    # PyAV has a decoder for Speex, but no encoder.
    assert set(SUPPORTED_EXTENSIONS) - {".spx"} == set(FORMATS)


def test_every_extension_of_the_readable_formats_is_known() -> None:
    named = {
        extension
        for name in READABLE_FORMATS.split(",")
        for extension in av.format.ContainerFormat(name, "r").extensions
    }
    assert {f".{extension}" for extension in named - NOT_SOUND} <= set(SUPPORTED_EXTENSIONS)


def test_speex_is_read(tmp_path: Path) -> None:
    numbers = struct.pack("<13i", 1, 80, 8_000, 0, 4, 1, -1, 160, 0, 1, 0, 0, 0)
    silence = bytes([0b00000_011])  # a narrowband frame of 20 ms without sound
    pages = [(2, 0, [b"Speex   1.2".ljust(28) + numbers]), (0, 0, [bytes(8)]), (4, 16_000, [silence] * 100)]
    (tmp_path / "silence.spx").write_bytes(b"".join(ogg_page(i, *page) for i, page in enumerate(pages)))
    with open_audio(tmp_path / "silence.spx", RATE_HZ) as stream:
        assert stream.info.codec == "speex"
        assert sum(block.size for block in stream) / RATE_HZ == pytest.approx(2.0, abs=0.05)


def ogg_page(number: int, flags: int, position: int, packets: list[bytes]) -> bytes:
    """Write a page of packets that are shorter than 255 bytes."""
    header = struct.pack("<4sBBqII", b"OggS", 0, flags, position, 1, number)
    content = bytes([len(packets), *map(len, packets)]) + b"".join(packets)
    checksum = 0
    for byte in header + bytes(4) + content:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = checksum << 1 ^ (0x104C11DB7 if checksum >> 31 else 0)
    return header + struct.pack("<I", checksum) + content


@pytest.mark.parametrize("extension", [".mp3", ".ogg", ".wav"])
def test_the_name_does_not_matter(tmp_path: Path, extension: str) -> None:
    path = encode_tone(tmp_path / f"tone{extension}").rename(tmp_path / "upload.bin")
    assert_is_tone(load_audio(path, RATE_HZ))


def test_facts_come_from_the_file(tmp_path: Path) -> None:
    with open_audio(encode_tone(tmp_path / "tone.flac"), RATE_HZ) as stream:
        info = stream.info
    assert (info.sample_rate_hz, info.n_channels, info.codec, info.container) == (44_100, 2, "flac", "flac")
    assert info.duration_s == pytest.approx(2.0)


def test_tags_in_odd_encodings_are_no_obstacle(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.mp3", id3v2_version="0", write_id3v1="1")
    tag = b"TAG" + b"K\xf6ln \xff".ljust(125, b"\0")
    path.write_bytes(path.read_bytes() + tag)
    assert_is_tone(load_audio(path, RATE_HZ))


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert "song.mp3" in refuses(tmp_path / "song.mp3", errors.UnreadableFileError)


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert "folder" in refuses(tmp_path, errors.UnreadableFileError)


def test_a_device_is_unreadable() -> None:
    refuses("/dev/zero", errors.UnreadableFileError)


def test_a_file_without_permission_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode_tone(tmp_path / "secret.wav")

    def forbid(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", forbid)
    assert "permission" in refuses(path, errors.UnreadableFileError)


@pytest.mark.parametrize("name", ["a\0b.mp3", "x" * 5000, "\ud800.mp3"])
def test_impossible_names_are_unreadable(name: str) -> None:
    refuses(name, errors.UnreadableFileError).encode()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/a.mp3", "concat:{}", "file:{}", "subfile,,start,0,end,9,,:{}", "data:audio/wav;base64,AA"],
)
def test_urls_are_only_names(tmp_path: Path, url: str) -> None:
    refuses(url.format(encode_tone(tmp_path / "tone.wav")), errors.UnreadableFileError)


def test_long_names_are_shortened(tmp_path: Path) -> None:
    message = refuses(tmp_path / f"{'long ' * 30}.mp3", errors.UnreadableFileError)
    assert len(message) < 150
    assert ".mp3" in message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.touch()
    assert refuses(path, errors.EmptyFileError) == "The file song.mp3 is empty; please choose another one."


@pytest.mark.parametrize(
    "content",
    [
        b"Dear Sir,\nplease find enclosed my song.\n" * 500,
        "Stücke für Klavier, ÿûÿû\n".encode("latin-1") * 500,
        b"<html><body><p>404</p></body></html>" * 100,
        b"PK\x03\x04" + bytes(5000),
        b"%PDF-1.7\n" + bytes(5000),
        bytes(100_000),
        b"\xff" * 100_000,
        b"x",
    ],
    ids=["text", "latin-1", "html", "zip", "pdf", "zeros", "ones", "one byte"],
)
@pytest.mark.parametrize("name", ["song.mp3", "song.aac", "song.wav"])
def test_files_of_other_kinds_are_not_audio(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refuses(path, errors.NotAudioError)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.0,\n{}\n#EXT-X-ENDLIST\n"),
        ("list.m3u", "#EXTM3U\n{}\n"),
        ("list.ffconcat", "ffconcat version 1.0\nfile {}\n"),
        ("list.pls", "[playlist]\nFile1={}\n"),
        ("list.mpd", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{}</BaseURL></MPD>'),
        ("talk.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={}\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"),
    ],
)
def test_files_that_point_at_others_are_not_audio(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text.format(encode_tone(tmp_path / "tone.wav")))
    refuses(path, errors.NotAudioError)


@pytest.mark.parametrize("extension", [".png", ".jpg", ".gif"])
def test_a_picture_has_no_sound(tmp_path: Path, extension: str) -> None:
    assert "picture" in refuses(write_picture(tmp_path / f"cover{extension}"), errors.NoAudioStreamError)


@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".avi"])
def test_a_silent_video_has_no_sound(tmp_path: Path, extension: str) -> None:
    assert "no sound" in refuses(write_video(tmp_path / f"film{extension}"), errors.NoAudioStreamError)


def test_an_mp4_that_was_never_finished_is_truncated(tmp_path: Path) -> None:
    path = encode_tone(tmp_path / "tone.m4a")
    cut(path, 0.8)  # its table of contents stood at the end
    refuses(path, errors.TruncatedAudioError)


@pytest.mark.parametrize(("extension", "n_bytes"), [
    *((".wav", n) for n in (4, 12, 30, 44)), *((".mp3", n) for n in (10, 60, 200)), (".flac", 42), (".flac", 4),
    (".ogg", 30), (".opus", 100), (".webm", 60), (".wma", 60), (".aiff", 20), (".m4a", 20), (".aac", 100),
])  # fmt: skip
def test_a_mere_header_is_truncated(tmp_path: Path, extension: str, n_bytes: int) -> None:
    path = encode_tone(tmp_path / f"tone{extension}")
    path.write_bytes(path.read_bytes()[:n_bytes])
    refuses(path, errors.TruncatedAudioError)
