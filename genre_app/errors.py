"""Everything that can go wrong for a user, as one tree.

::

    GenreAppError
    ├── AudioError                 the file is the problem
    │   ├── UnreadableFileError    missing, a folder, or no permission
    │   ├── EmptyFileError         zero bytes
    │   ├── NotAudioError          no container or codec that we know
    │   ├── NoAudioStreamError     a container without sound (a silent video, a picture)
    │   ├── TruncatedAudioError    the file ends before any sound
    │   ├── UndecodableAudioError  most of the sound is damaged
    │   └── TrackTooLongError      longer than the limit of this installation
    ├── InvalidOptionError         a window, overlap or top-k out of range
    ├── ModelUnavailableError      unknown model, or its files cannot be used
    │   ├── ModelNotHereError          the model is known, and has to be downloaded first
    │   ├── HubUnreachableError        no network, or the model hub does not answer
    │   ├── ModelNotFoundError         the hub knows no such model
    │   ├── ModelForbiddenError        the model is private, or its terms were not accepted
    │   ├── UnsuitableModelError       the hub has it, but it is no audio classifier that the app can load
    │   ├── DownloadInterruptedError   the download broke off; the next one goes on from there
    │   ├── DamagedDownloadError       what arrived is not what the hub has
    │   ├── ModelStorageError          the folder for models is full or cannot be written
    │   └── DownloadBusyError          the same model is being downloaded already
    ├── DeviceUnavailableError     the device asked for is not here
    ├── ScoringError               the model failed on this track
    │   └── GpuUnavailableError    no turn on the shared GPU: no time is left, none is free, or it was taken away
    ├── OutputError                a report or a copy cannot be written
    ├── TaggingError           the copy of a track cannot take tags
    ├── CancelledError             the caller cancelled
    └── EngineClosedError          the engine was shut down

The message of each is one sentence for a person without a technical background: what is wrong and what to do. What
only a developer wants to know is the exception's ``__cause__``.
"""


class GenreAppError(Exception):
    """Base of every error that the app raises on purpose; ``str(error)`` may be shown to a user."""


class AudioError(GenreAppError):
    """The file cannot be used as a track."""


class UnreadableFileError(AudioError):
    """The file is missing, is a folder, or may not be read."""


class EmptyFileError(AudioError):
    """The file has no content at all."""


class NotAudioError(AudioError):
    """The file is in no container or codec that we know."""


class NoAudioStreamError(AudioError):
    """The file is a media file without an audio stream."""


class TruncatedAudioError(AudioError):
    """The file ends before the first sound, as after an interrupted download."""


class UndecodableAudioError(AudioError):
    """Most of the file's audio packets are damaged."""


class TrackTooLongError(AudioError):
    """The track is longer than this installation accepts."""


class InvalidOptionError(GenreAppError):
    """An option is out of its range."""


class ModelUnavailableError(GenreAppError):
    """The model asked for is unknown, or its files are missing or damaged."""


class ModelNotHereError(ModelUnavailableError):
    """The model is known but has not been downloaded to this machine."""


class HubUnreachableError(ModelUnavailableError):
    """There is no network, or the model hub does not answer."""


class ModelNotFoundError(ModelUnavailableError):
    """The model hub knows no model, or no revision, of this name."""


class ModelForbiddenError(ModelUnavailableError):
    """The model is private, or its terms have to be accepted first."""


class UnsuitableModelError(ModelUnavailableError):
    """The repository holds no audio classification model that the app can load."""


class DownloadInterruptedError(ModelUnavailableError):
    """The download of a model broke off; the next one goes on from there."""


class DamagedDownloadError(ModelUnavailableError):
    """A downloaded file differs from the one that the hub announced."""


class ModelStorageError(ModelUnavailableError):
    """The folder where models are kept is full or cannot be written."""


class DownloadBusyError(ModelUnavailableError):
    """Another download of the same model is under way."""


class DeviceUnavailableError(GenreAppError):
    """The device asked for is not on this machine."""


class ScoringError(GenreAppError):
    """The model failed while it scored a track."""


class GpuUnavailableError(ScoringError):
    """The GPU that this app shares with others was not lent, or was taken away before the track was done."""


class OutputError(GenreAppError):
    """A report, or the copy of a track, cannot be written."""


class TaggingError(GenreAppError):
    """The copy of a track cannot take tags."""


class CancelledError(GenreAppError):
    """The caller cancelled the work."""

    def __init__(self, message: str = "The analysis was cancelled.") -> None:
        super().__init__(message)


class EngineClosedError(GenreAppError):
    """Work was handed to an engine that is shut down."""
