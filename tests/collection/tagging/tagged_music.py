"""Files of a second with tags of every kind, some of them odd, for tests that change a few of them."""

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import av
import mutagen
from mutagen.apev2 import APEv2
from mutagen.asf import ASF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, IPLS, PRIV, TDAT, TDRC, TIME, TIPL, TIT2, TORY, TXXX, TYER
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

from tests.audio.recordings import encode_tone
from tests.collection.music_folder import FORMATS, encode
from tests.sounds import tone

PICTURE: Final = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
_SHARED: Final = (
    *(TIT2(encoding=1, text=["Título ♪"]), TXXX(encoding=1, desc="CATALOG", text=["♪ 7"])),
    COMM(encoding=0, lang="eng", desc="", text=["a comment"]),
    PRIV(owner="somebody", data=b"\xff\x00\xe0 private"),
    APIC(encoding=0, mime="image/png", type=3, desc="", data=PICTURE),
)
_OF_VERSION: Final[dict[int, Sequence[Any]]] = {
    3: (
        *(TYER(encoding=0, text=["1999"]), TDAT(encoding=0, text=["3112"]), TIME(encoding=0, text=["2359"])),
        *(TORY(encoding=0, text=["1971"]), IPLS(encoding=0, people=[["producer", "Somebody"]])),
    ),
    4: (TDRC(encoding=3, text=["1999-12-31"]), TIPL(encoding=3, people=[["producer", "Somebody"]])),
}


def with_id3(path: Path, version: int, *, v1: bool = False) -> Path:
    """Give an MP3 file a tag of this version, with frames that the other version does not have."""
    tags = ID3()
    for frame in (*_SHARED, *_OF_VERSION[version]):
        tags.add(frame)
    tags.save(path, v2_version=version, v1=2 if v1 else 0)
    return path


def frames_of(path: Path) -> list[bytes]:
    """Return the frames of the first ID3v2.3 or 2.4 tag in a file, byte for byte, read without the app's help."""
    data = path.read_bytes()
    header = re.search(rb"ID3([\x03\x04])\0", data)
    assert header
    bits = 7 if header[1] == b"\x04" else 8
    place = header.start() + 10
    frames = []
    while data[place : place + 4].isalnum():
        size = sum(byte << bits * (3 - i) for i, byte in enumerate(data[place + 4 : place + 8]))
        frames.append(data[place : place + 10 + size])
        place += 10 + size
    return frames


def atoms_of(path: Path) -> list[bytes]:
    """Return the tags of an MP4 file, atom for atom, as they are stored, in any order."""
    data = path.read_bytes()
    start = data.index(b"ilst") + 4
    stop = start - 8 + int.from_bytes(data[start - 8 : start - 4])
    atoms = []
    while start < stop:
        size = int.from_bytes(data[start : start + 4])
        atoms.append(data[start : start + size])
        start += size
    return sorted(atoms)


def _mp3(version: int, *, v1: bool = False, ape: bool = False) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = encode(folder / "song.mp3", tone(1, 44_100), 44_100)
        if ape:
            tags: Any = APEv2()
            tags.update({"Title": "Título ♪", "Catalog": "7"})
            tags.save(path)
        return with_id3(path, version, v1=v1)

    return make


def _chunked(extension: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = _encoded(folder, extension)
        file: Any = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        for frame in (*_SHARED, *_OF_VERSION[3]):
            file.tags.add(frame)
        file.tags.save(path, v2_version=3)
        return path

    return make


def _comments(extension: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = _encoded(folder, extension)
        file: Any = mutagen.File(path)
        file.update({"TITLE": ["Título ♪"], "Date": ["1999"], "comment": ["one", "two"]})
        if isinstance(file, FLAC):
            picture = Picture()
            picture.data, picture.mime, picture.type = PICTURE, "image/png", 3
            file.add_picture(picture)
        file.save()
        return path

    return make


def _m4a(folder: Path) -> Path:
    path = _encoded(folder, "m4a")
    file: Any = MP4(path)
    file["\xa9nam"], file["\xa9cmt"] = ["Título ♪"], ["a comment"]
    file["trkn"], file["cpil"], file["stik"] = [(3, 12)], True, [1]
    file["covr"] = [MP4Cover(PICTURE, MP4Cover.FORMAT_PNG)]
    file["----:com.apple.iTunes:CATALOG"] = [MP4FreeForm(b"7")]
    file.save()
    return path


def _wma(folder: Path) -> Path:
    path = encode_tone(folder / "song.wma", seconds=1.0)
    file: Any = ASF(path)
    file.update({"Title": ["Título ♪"], "WM/Catalog": ["7"], "WM/Picture": [PICTURE]})
    file.save()
    return path


def _encoded(folder: Path, extension: str) -> Path:
    rate_hz = FORMATS[extension][2]
    return encode(folder / f"song.{extension}", tone(1, rate_hz), rate_hz)


#: What is in the frames, atoms and comments of the app's own fields.
_OURS: Final = re.compile(
    rb"TCON|TBPM|TKEY|TMOO|STYLE|MOOD|GENRE|BPM|BeatsPerMinute|INITIALKEY|\xa9gen|tmpo", re.IGNORECASE
)

#: Make each kind of file in a folder.
KINDS: Final[dict[str, Callable[[Path], Path]]] = {
    "mp3, ID3v2.3": _mp3(3),
    "mp3, ID3v2.4": _mp3(4),
    "mp3, ID3v2.3, ID3v1, APEv2": _mp3(3, v1=True, ape=True),
    "m4a": _m4a,
    "flac": _comments("flac"),
    "ogg": _comments("ogg"),
    "opus": _comments("opus"),
    "wma": _wma,
    "wav": _chunked("wav"),
    "aiff": _chunked("aiff"),
}


def others(path: Path) -> list[object]:
    """Return what a file holds beside the fields of the app, as it is stored where that can be told."""
    if path.suffix in {".mp3", ".wav", ".aiff"}:
        return [frame for frame in frames_of(path) if not _OURS.search(frame[:30])]
    if path.suffix == ".m4a":
        return [atom for atom in atoms_of(path) if not _OURS.search(atom[:80])]
    file: Any = mutagen.File(path)
    comments = [(name, value) for name, value in file.tags if not _OURS.search(name.encode())]
    return [*comments, *(picture.write() for picture in getattr(file, "pictures", ()))]


def sound_md5(path: Path) -> str:
    """Return the MD5 of the decoded sound."""
    digest = hashlib.md5(usedforsecurity=False)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            digest.update(frame.to_ndarray().tobytes())
    return digest.hexdigest()


def ffmpeg_tags(path: Path) -> dict[str, str]:
    """Return the tags as FFmpeg reads them, with names in capitals."""
    with av.open(str(path)) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.upper().removeprefix("WM/"): text for name, text in found.items()}
