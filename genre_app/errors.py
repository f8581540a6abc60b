"""The errors that the app raises on purpose, as one tree.

::

    GenreAppError
    ├── AudioError                 the file cannot be used as a track
    │   ├── UnreadableFileError    missing, a folder, or no permission
    │   ├── EmptyFileError         zero bytes
    │   ├── NotAudioError          unknown container or codec
    │   ├── NoAudioStreamError     a container without sound (a silent video, a picture)
    │   ├── TruncatedAudioError    too little sound, or none that can be read
    │   ├── UndecodableAudioError  most of the sound is damaged
    │   ├── TrackTooLongError      longer than the limit of this installation
    │   └── FileChangedError       it changed while it was read
    ├── InvalidOptionError         a window, overlap or top-k is out of range
    ├── ModelUnavailableError      the model is unknown, or its files cannot be used
    │   ├── ModelNotHereError          the model is known but not downloaded
    │   ├── HubUnreachableError        no network, or the model hub does not answer
    │   ├── ModelNotFoundError         there is no such model on the hub
    │   ├── ModelForbiddenError        the model is private, or its terms were not accepted
    │   ├── UnsuitableModelError       it is no audio classifier that the app can load
    │   ├── DownloadInterruptedError   the connection broke; the next download resumes
    │   ├── DamagedDownloadError       a file differs from the hub's
    │   ├── ModelStorageError          the folder for models is full or cannot be written
    │   └── DownloadBusyError          the same model is being downloaded already
    ├── DeviceUnavailableError     the requested device is missing
    ├── ScoringError               the model failed on this track
    │   └── GpuUnavailableError    no time on the shared GPU: quota used up, none free, or taken away
    ├── BusyError                  too many others are waiting already
    ├── StorageLimitError          a visitor's files would take more room than allowed
    ├── NotComparableError         tracks cannot be compared by their sound
    ├── OutputError                a report or a copy cannot be written
    │   ├── FolderBusyError            another command is at work in the output folder
    │   └── UnfinishedRunError         the output folder holds a run that did not come to its end
    ├── WatchError                 the folders of a run can no longer be watched
    ├── NoSpaceError               the disk of the app's machine is full
    ├── TaggingError               a track, or its copy, cannot take tags
    ├── UndoError                  a file that was tagged in place cannot be brought back
    ├── VocabularyError            a vocabulary cannot be read, or holds mistakes
    ├── CancelledError             the caller cancelled
    └── EngineClosedError          the engine was shut down

Each message is one sentence for a person without a technical background: what is wrong and what to do. Details for
developers are in the exception's ``__cause__``.

No error knows what its track is called: visitors who bring the same file under different names share one computation,
and with it its errors. Whoever shows an error names the track, with `GenreAppError.about`.
"""

import errno
from typing import Final

from genre_app.formatting import printable, short_name

#: Stands after the noun that a track's name may follow.
_NAME: Final = " {name}"


class GenreAppError(Exception):
    """Base of all errors that the app raises on purpose; ``str(error)`` may be shown to a user."""

    def about(self, name: str) -> str:  # noqa: ARG002 - for those errors that are about a track
        """Word the error for somebody who calls the track so; an error that is not about a file stays as it is."""
        return str(self)


class AudioError(GenreAppError):
    """The file cannot be used as a track.

    Parameters
    ----------
    sentence : str
        What is wrong and what to do; ``{name}`` after a noun, as in "The file {name} is empty", is where the track's
        name goes. It is left out in ``str(error)``.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence.replace(_NAME, "")

    def about(self, name: str) -> str:
        """Word the error for somebody who calls the track so; the name is made printable and shortened."""
        return self.sentence.replace(_NAME, f" {short_name(name)}")


class UnreadableFileError(AudioError):
    """The file is missing, is a folder, or may not be read."""


class EmptyFileError(AudioError):
    """The file has zero bytes."""


class NotAudioError(AudioError):
    """The container or codec is unknown."""


class NoAudioStreamError(AudioError):
    """The file is a media file without an audio stream."""


class TruncatedAudioError(AudioError):
    """There is too little sound, or none that can be read, as after an interrupted download."""


class UndecodableAudioError(AudioError):
    """Most of the file's audio packets are damaged."""


class TrackTooLongError(AudioError):
    """The track is longer than this installation accepts."""


class FileChangedError(AudioError):
    """The file changed while it was read."""


class InvalidOptionError(GenreAppError):
    """An option is out of its range."""


class ModelUnavailableError(GenreAppError):
    """The requested model is unknown, or its files are missing or damaged."""


class ModelNotHereError(ModelUnavailableError):
    """The model is known but has not been downloaded to this machine."""


class HubUnreachableError(ModelUnavailableError):
    """There is no network, or the model hub does not answer."""


class ModelNotFoundError(ModelUnavailableError):
    """The model hub has no model, or no revision, of this name."""


class ModelForbiddenError(ModelUnavailableError):
    """The model is private, or its terms have to be accepted first."""


class UnsuitableModelError(ModelUnavailableError):
    """The repository holds no audio classification model that the app can load."""


class DownloadInterruptedError(ModelUnavailableError):
    """The connection broke during the download of a model; the next download resumes."""


class DamagedDownloadError(ModelUnavailableError):
    """A downloaded file differs from what the hub announced."""


class ModelStorageError(ModelUnavailableError):
    """The folder for models is full or cannot be written."""


class DownloadBusyError(ModelUnavailableError):
    """Another download of the same model is under way."""


class DeviceUnavailableError(GenreAppError):
    """The requested device is not on this machine."""


class ScoringError(GenreAppError):
    """The model failed while it scored a track."""


class GpuUnavailableError(ScoringError):
    """The shared GPU was not assigned, or was taken away before the track was done.

    It speaks of one visitor's quota, so it is no answer to another one.
    """


class BusyError(GenreAppError):
    """Too many others are waiting already."""


class StorageLimitError(GenreAppError):
    """A visitor's files would take more room than allowed."""


class NotComparableError(GenreAppError):
    """A track cannot be compared with others by its sound: the model has no embedding, or nothing sounds."""


class OutputError(GenreAppError):
    """A report, or the copy of a track, cannot be written."""


class FolderBusyError(OutputError):
    """Another command is at work in the output folder."""


class UnfinishedRunError(OutputError):
    """The output folder holds a run that did not come to its end, and it was not said what is to become of it."""


class WatchError(GenreAppError):
    """The folders of a run can no longer be watched for new files."""


class NoSpaceError(GenreAppError):
    """The disk of the machine that runs the app is full."""

    def __init__(
        self, message: str = "The disk of the app's machine is full; please try again later, or tell whoever runs it."
    ) -> None:
        super().__init__(message)


def is_full(error: OSError) -> bool:
    """Return whether the disk, or what this user may fill of it, is full."""
    return error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class TaggingError(GenreAppError):
    """A track, or its copy, cannot take tags.

    Parameters
    ----------
    reason : str
        Why, as the end of a sentence: "its ID3 tag is damaged".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"It was not tagged: {self.reason}."


class UndoError(GenreAppError):
    """A file that was tagged in place cannot be brought back."""


class VocabularyError(GenreAppError):
    """A vocabulary cannot be read, or holds mistakes.

    Parameters
    ----------
    *mistakes : str
        A sentence each, which begins with the line and the key that it is about.
    """

    def __init__(self, *mistakes: str) -> None:
        super().__init__(*mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(self.mistakes)

    def about(self, name: str) -> str:
        """List the mistakes below the vocabulary's name."""
        return "\n  ".join([f"The vocabulary {printable(name)} cannot be used:", *self.mistakes])


class CancelledError(GenreAppError):
    """The caller cancelled the work."""

    def __init__(self, message: str = "The analysis was cancelled.") -> None:
        super().__init__(message)


class EngineClosedError(GenreAppError):
    """Work was submitted to an engine that is shut down."""
