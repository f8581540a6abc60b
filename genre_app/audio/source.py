"""Open a local file with FFmpeg, by its content, and find its recordings and their audio streams."""

import errno
import os
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn, Self

import av
from av.audio.stream import AudioStream as AVAudioStream
from av.container import InputContainer
from av.stream import Disposition

from genre_app.audio.layout.find import find_parts
from genre_app.audio.layout.part import Part
from genre_app.audio.layout.search import first_sound
from genre_app.audio.local_file import FileView, open_file
from genre_app.audio.refusals import disk_failed, not_audio, truncated
from genre_app.errors import NoAudioStreamError, NotAudioError, TruncatedAudioError

SUPPORTED_EXTENSIONS: tuple[str, ...] = (
    *(".mp3", ".mp2", ".mpa", ".m2a", ".mpga", ".aac", ".adts"),
    *(".m4a", ".m4b", ".m4r", ".f4a", ".mp4", ".m4v", ".f4v", ".mov", ".qt", ".3gp", ".3g2"),
    *(".ogg", ".oga", ".opus", ".spx", ".ogv", ".ogx", ".flac", ".webm", ".weba", ".mka", ".mkv", ".avi"),
    *(".wav", ".wave", ".bwf", ".w64", ".aif", ".aiff", ".aifc", ".afc", ".caf", ".au", ".snd"),
    *(".wma", ".wmv", ".asf", ".wv"),
)
"""Extensions to offer in a file dialogue and to search folders for: those of the formats that can be read.

Opening a file ignores its name.
"""

# Formats whose files are bare sequences of frames. FFmpeg guesses their duration from the bit rate, and sometimes takes
# a file of another kind for one.
RAW_FORMATS = frozenset({"mp3", "aac"})

# FFmpeg refuses all other formats before parsing: playlists and references that open other files (hls, concat, dash,
# sdp), devices, text formats. Pictures are allowed for the sake of a better error message.
READABLE_FORMATS = "mp3,aac,ogg,flac,wav,w64,aiff,asf,matroska,webm,mov,avi,caf,au,wv"
_PICTURES = "png_pipe,jpeg_pipe,gif,gif_pipe,webp_pipe,bmp_pipe,tiff_pipe"

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
    """A recording in an open file, ready to be demuxed from its start.

    Attributes
    ----------
    part
        The stretch of the file that holds it.
    view
        What FFmpeg reads of that.
    container, stream
        PyAV's container and audio stream on it.
    """

    part: Part
    view: FileView
    container: InputContainer
    stream: AVAudioStream

    @property
    def is_raw(self) -> bool:
        """Whether the recording is a bare sequence of frames, without a container."""
        return self.container.format.name in RAW_FORMATS

    @property
    def duration_s(self) -> float | None:
        """Length in seconds, stated or (for raw formats) guessed by FFmpeg; ``None`` if neither.

        In a film it may be that of the pictures.
        """
        if self.stream.duration and self.stream.time_base:
            duration_s = float(self.stream.duration * self.stream.time_base)
        else:
            duration_s = (self.container.duration or 0) / 1e6  # FFmpeg counts in microseconds here
        return duration_s if duration_s > 0 else None

    @property
    def is_duration_plausible(self) -> bool:
        """Whether there are bytes enough for the stated duration, at half the bit rate."""
        bytes_per_s = (self.stream.codec_context.bit_rate or 0) / 8 / 2
        return self.part.n_bytes >= (self.duration_s or 0) * max(bytes_per_s, _FEWEST_BYTES_PER_S)

    @property
    def stated_duration_s(self) -> float | None:
        """Length of the sound as the file states it; ``None`` where FFmpeg guesses it, or it may be that of pictures.

        A guess always fits the size, so where there are too few bytes for the duration it was stated.
        """
        duration_s = self.duration_s
        if duration_s is None:
            return None
        if self.is_raw:
            bytes_per_s = (self.stream.codec_context.bit_rate or 0) / 8
            return duration_s if self.part.n_bytes < 0.95 * duration_s * bytes_per_s else None
        # A cover does not last.
        others = (stream for stream in self.container.streams if not stream.disposition & Disposition.attached_pic)
        is_its_own = bool(self.stream.duration) or all(stream.type == "audio" for stream in others)
        return duration_s if is_its_own else None


class AudioFile:
    """A local file, opened by its content: its name does not matter.

    Python opens the file and FFmpeg gets only an object that reads it, so that no name reaches one of FFmpeg's
    protocols (``http:``, ``concat:``). That is as fast as FFmpeg's own reader.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    n_stray_bytes
        Bytes before the first recording.
    parts
        The stretches that hold a recording each; most files have one.

    Raises
    ------
    UnreadableFileError, EmptyFileError
        See :mod:`genre_app.errors`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file, self._n_bytes = open_file(path)
        self.n_stray_bytes = 0
        try:
            head = self._file.read(12)
            self.parts = find_parts(self._file, 0, self._n_bytes)
            if not _is_known(head):
                self._skip_stray_bytes(0)
        except OSError as error:
            self.close()
            raise disk_failed() from error

    def open_first(self) -> AudioSource:
        """Open the first recording; the caller must close its container.

        Raises
        ------
        UnreadableFileError, NotAudioError, NoAudioStreamError, TruncatedAudioError
            See :mod:`genre_app.errors`.
        """
        try:
            return self.open(self.parts[0])
        except (NotAudioError, TruncatedAudioError):  # what looked like a beginning is none
            try:
                if self.n_stray_bytes or not self._skip_stray_bytes(1):
                    raise
            except OSError as error:
                raise disk_failed() from error
            return self.open(self.parts[0])

    def open(self, part: Part) -> AudioSource:
        """Open one of the parts; as `open_first`."""
        view = FileView(self._file, part)
        try:
            container = _open_container(view)
        except (NotAudioError, TruncatedAudioError):
            if view.disk_error:
                raise disk_failed() from view.disk_error
            raise
        try:
            return AudioSource(part, view, container, _best_stream(container))
        except BaseException:
            container.close()
            raise

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _skip_stray_bytes(self, start: int) -> bool:
        """Begin with the first recording from a byte on; return False if there is none."""
        found = first_sound(self._file, start, self._n_bytes)
        if found is None:
            return False
        self.n_stray_bytes = found
        self.parts = find_parts(self._file, found, self._n_bytes)
        return True


def _open_container(view: FileView) -> InputContainer:
    """Let FFmpeg recognise the format from the content."""
    head = view.read(12)
    view.seek(0)
    try:
        return av.open(
            view,
            "r",
            container_options={"format_whitelist": f"{READABLE_FORMATS},{_PICTURES}"},
            metadata_errors="replace",  # tags in odd encodings must not make a file unreadable
            io_open=_refuse_other_file,
        )
    except (av.FFmpegError, ValueError) as error:
        if isinstance(error, av.FFmpegError) and error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise (truncated() if _is_known(head) else not_audio()) from error


def _is_known(head: bytes) -> bool:
    """Return whether a file that begins so is a recording, if perhaps a damaged one."""
    return head.startswith(_SIGNATURES) or head[4:8] in _MP4_BOXES


def _best_stream(container: InputContainer) -> AVAudioStream:
    """Return the audio stream that FFmpeg would play."""
    stream = container.streams.best("audio")
    if stream is None:
        _raise_no_sound(container)
    if not isinstance(stream, AVAudioStream) or not stream.codec_context:
        raise NotAudioError(
            "This app cannot read the kind of sound in the file {name}; please convert it to MP3 or WAV."
        )
    return stream


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
