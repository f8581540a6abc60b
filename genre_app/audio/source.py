"""Open a local file with FFmpeg, by its content, and find its audio stream."""

import hashlib
import os
import stat
from contextlib import ExitStack
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, NoReturn

import av
from av.audio.stream import AudioStream as AVAudioStream
from av.container import InputContainer

from genre_app.errors import (
    EmptyFileError,
    NoAudioStreamError,
    NotAudioError,
    TruncatedAudioError,
    UnreadableFileError,
)

SUPPORTED_EXTENSIONS: tuple[str, ...] = (
    *(".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".flac", ".wav", ".aif", ".aiff", ".wma"),
    *(".webm", ".weba", ".mka", ".mkv", ".mp4", ".m4v", ".mov", ".3gp", ".avi", ".caf", ".au", ".wv", ".w64"),
)
"""Extensions to offer in a file dialogue and to search folders for; opening a file ignores its name."""

# Formats whose files are bare sequences of frames. FFmpeg guesses their duration from the bit rate, and sometimes takes
# a file of another kind for one.
RAW_FORMATS = frozenset({"mp3", "aac"})

# FFmpeg refuses all other formats before parsing: playlists and references that open other files (hls, concat, dash,
# sdp), devices, text formats. Pictures are allowed for the sake of a better error message.
_FORMATS = (
    "mp3,aac,ogg,flac,wav,w64,aiff,asf,matroska,webm,mov,avi,caf,au,wv,"
    "png_pipe,jpeg_pipe,gif,gif_pipe,webp_pipe,bmp_pipe,tiff_pipe"
)

# First bytes of media files; a file that starts so and cannot be opened is truncated.
_SIGNATURES = (
    *(b"RIFF", b"riff", b"ID3", b"OggS", b"fLaC", b"FORM", b"caff", b".snd", b"wvpk"),
    *(b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75"),  # Matroska and WebM, Windows Media
    *(b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa", b"\xff\xf1", b"\xff\xf9"),  # MP3, AAC without tags
)
_MP4_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})

_FEWEST_BYTES_PER_S = 100  # a file with less has a wrong header: the lowest bit rate of Opus is 750


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file's headers say about its audio.

    Attributes
    ----------
    sample_rate_hz
        Samples per second and channel in the file, before resampling.
    n_channels
        Channels in the file, before the downmix.
    codec
        FFmpeg's name of the codec, such as ``"mp3"`` or ``"pcm_s16le"``.
    container
        FFmpeg's name of the container, such as ``"wav"`` or ``"matroska,webm"``.
    duration_s
        Length in seconds; ``None`` where the file states none, as browsers' microphone recordings do. An estimate
        for bare AAC and for MP3 files without a table of contents.
    """

    sample_rate_hz: int
    n_channels: int
    codec: str
    container: str
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class AudioSource:
    """An open audio file, ready to be demuxed from its start.

    Attributes
    ----------
    n_bytes
        The file's size.
    file, container, stream
        The file, and PyAV's container and audio stream on it.
    n_bytes_announced
        The size that a RIFF header claims; equal to ``n_bytes`` for all other files.
    resources
        Closed by :meth:`close`.
    """

    n_bytes: int
    file: BinaryIO
    container: InputContainer
    stream: AVAudioStream
    n_bytes_announced: int
    resources: ExitStack

    def close(self) -> None:
        """Free FFmpeg's memory and close the file; a second call does nothing."""
        self.resources.close()

    @property
    def is_raw(self) -> bool:
        """Whether the file is a bare sequence of frames, without a container."""
        return self.container.format.name in RAW_FORMATS

    @property
    def duration_s(self) -> float | None:
        """Length in seconds, stated or (for raw formats) guessed by FFmpeg; ``None`` if neither."""
        if self.stream.duration and self.stream.time_base:
            duration_s = float(self.stream.duration * self.stream.time_base)
        else:
            duration_s = (self.container.duration or 0) / 1e6  # FFmpeg counts in microseconds here
        return duration_s if duration_s > 0 else None

    @property
    def is_duration_plausible(self) -> bool:
        """Whether the file is large enough for its stated duration, at half its bit rate."""
        bytes_per_s = (self.stream.codec_context.bit_rate or 0) / 8 / 2
        return self.n_bytes >= (self.duration_s or 0) * max(bytes_per_s, _FEWEST_BYTES_PER_S)

    @property
    def is_duration_stated(self) -> bool:
        """Whether the duration is stated in the file, not guessed by FFmpeg from size and bit rate.

        A guess always fits the size, so in a file that is too small for its duration the duration was stated.
        """
        if self.duration_s is None:
            return False
        if not self.is_raw:
            return True
        return self.n_bytes < 0.95 * self.duration_s * (self.stream.codec_context.bit_rate or 0) / 8


def open_source(path: str | os.PathLike[str]) -> AudioSource:
    """Open a local file and find its audio stream; the name does not matter.

    Python opens the file and FFmpeg gets only the file object, so that no name reaches one of FFmpeg's protocols
    (``http:``, ``concat:``). That is as fast as FFmpeg's own reader.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    AudioSource
        The caller must close it.

    Raises
    ------
    UnreadableFileError, EmptyFileError, NotAudioError, NoAudioStreamError, TruncatedAudioError
        See :mod:`genre_app.errors`.
    """
    with ExitStack() as resources:
        file, n_bytes = _open_file(path)
        resources.enter_context(file)
        head = file.read(12)
        file.seek(0)
        container = _open_container(file, head)
        resources.callback(container.close)
        stream = container.streams.best("audio")
        if stream is None:
            _raise_no_sound(container)
        if not isinstance(stream, AVAudioStream) or not stream.codec_context:
            raise NotAudioError(
                "This app cannot read the kind of sound in the file {name}; please convert it to MP3 or WAV."
            )
        return AudioSource(
            n_bytes=n_bytes,
            file=file,
            container=container,
            stream=stream,
            n_bytes_announced=max(n_bytes, _riff_size(head)),
            resources=resources.pop_all(),
        )


def hash_file(path: Path) -> str:
    """Compute the SHA-256 of a file, its identity in the cache.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    UnreadableFileError, EmptyFileError
        As `open_source`.
    """
    file, _ = _open_file(path)
    with file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise disk_failed() from error


def not_audio() -> NotAudioError:
    """Return the error for a file of another kind."""
    return NotAudioError(
        "The file {name} is not an audio file that this app knows; please choose an MP3, WAV, FLAC, M4A or OGG file."
    )


def truncated() -> TruncatedAudioError:
    """Return the error for a file that ends before any sound."""
    return TruncatedAudioError(
        "The file {name} is cut off or damaged before the first sound; please download or export it again."
    )


def disk_failed() -> UnreadableFileError:
    """Return the error for a file that the operating system fails to read."""
    return UnreadableFileError(
        "The file {name} could not be read to its end; please copy it to another disk and try again."
    )


def _open_file(path: str | os.PathLike[str]) -> tuple[FileIO, int]:
    """Open a regular file for unbuffered reading; also return its size in bytes."""
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableFileError("The folder {name} is not a track; please choose a single audio file.")
        if not stat.S_ISREG(status.st_mode):  # pipes and devices block or never end
            raise UnreadableFileError("The path {name} is not that of an ordinary file; please choose an audio file.")
        if status.st_size == 0:
            raise EmptyFileError("The file {name} is empty; please choose another one.")
        return Path(path).open("rb", buffering=0), status.st_size
    except PermissionError as error:
        raise UnreadableFileError(
            "This app may not read the file {name}; please change its permissions or choose another one."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        raise UnreadableFileError(
            "The file {name} was not found; please check its name or choose another one."
        ) from error


def _open_container(file: BinaryIO, head: bytes) -> InputContainer:
    """Let FFmpeg recognise the format from the content."""
    try:
        return av.open(
            _Nameless(file),
            "r",
            container_options={"format_whitelist": _FORMATS},
            metadata_errors="replace",  # tags in odd encodings must not make a file unreadable
            io_open=_refuse_other_file,
        )
    except (av.FFmpegError, ValueError) as error:
        if head.startswith(_SIGNATURES) or head[4:8] in _MP4_BOXES:
            raise truncated() from error
        raise not_audio() from error
    except OSError as error:
        raise disk_failed() from error


class _Nameless:
    """A file without its name, which FFmpeg would otherwise use to guess the format."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell


def _refuse_other_file(url: str, flags: int, options: dict[str, str]) -> NoReturn:  # noqa: ARG001  PyAV's signature
    """Refuse to open files that a file refers to, in case an allowed format can do so."""
    raise ValueError("a file that refers to other files")


def _raise_no_sound(container: InputContainer) -> NoReturn:
    """Raise the error for a file without an audio stream: a picture, a silent video, or a truncated file."""
    if container.format.name.endswith("_pipe") or container.format.name == "gif":
        raise NoAudioStreamError("The picture {name} has no sound; please choose an audio file.")
    if container.streams.audio or not container.streams:  # an audio stream without its first frame
        raise truncated()
    raise NoAudioStreamError("The file {name} has no sound in it; please choose one with sound.")


def _riff_size(head: bytes) -> int:
    """Return the file size in bytes that a RIFF header claims; 0 if none, as in live recordings."""
    size = int.from_bytes(head[4:8], "little")
    return size + 8 if head.startswith(b"RIFF") and size < 0x7FFF0000 else 0
