"""Why a file is refused: the errors that several modules raise."""

from genre_app.errors import (
    AudioError,
    NotAudioError,
    TruncatedAudioError,
    UndecodableAudioError,
    UnreadableFileError,
)


def not_audio() -> NotAudioError:
    """Return the error for a file of another kind."""
    return NotAudioError(
        "The file {name} is not an audio file that this app knows; please choose an MP3, WAV, FLAC, M4A or OGG file."
    )


def truncated() -> TruncatedAudioError:
    """Return the error for a recording without readable sound."""
    return TruncatedAudioError(
        "The file {name} is cut off or damaged, and no sound can be read from it; please download or export it again."
    )


def too_short() -> TruncatedAudioError:
    """Return the error for a file of so few samples that nothing can be heard in them."""
    return TruncatedAudioError("The recording {name} is too short to analyse; please choose a longer one.")


def rest_too_short() -> TruncatedAudioError:
    """Return the error for a damaged file of which so little is left."""
    return TruncatedAudioError(
        "What can be read of the file {name} is too short to analyse; please download or export it again."
    )


def undecodable() -> AudioError:
    """Return the error for a file that made the decoder fail for a reason that nobody foresaw."""
    return AudioError("The file {name} could not be decoded; please convert it to MP3 or WAV.")


def needs_memory() -> UndecodableAudioError:
    """Return the error for a file whose decoder allocates too much."""
    return UndecodableAudioError(
        "The file {name} is damaged or needs more memory to decode than it may have; please convert it to MP3 or WAV."
    )


def disk_failed() -> UnreadableFileError:
    """Return the error for a file that the operating system fails to read."""
    return UnreadableFileError(
        "The file {name} could not be read to its end; please copy it to another disk and try again."
    )
