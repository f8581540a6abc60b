"""What is wrong with a file: too much to use it, or a sentence for its user."""

from collections.abc import Iterator

from genre_app.audio.gaps import GapCount
from genre_app.audio.packets import Tally
from genre_app.audio.refusals import not_audio, truncated
from genre_app.audio.source import AudioFile, AudioSource
from genre_app.errors import AudioError, UndecodableAudioError
from genre_app.formatting import clock

_FEWEST_PACKETS = 10  # with fewer intact packets among garbage, a file is of another kind


class Faults:
    """The faults of a file, as they come up while it is decoded.

    Parameters
    ----------
    file : AudioFile
        The file.

    Attributes
    ----------
    tally, gaps : Tally, GapCount
        Of all its recordings.
    decoded_s : float
        Seconds of sound that were decoded.
    lost_parts : list of AudioError
        Why recordings could not be opened.
    """

    def __init__(self, file: AudioFile) -> None:
        self.tally = Tally()
        self.gaps = GapCount()
        self.decoded_s = 0.0
        self.lost_parts: list[AudioError] = []
        self._file = file
        self._announced_s = 0.0
        self._is_more_than_announced = self._is_raw = False
        self._n_audio_tracks = 1

    @property
    def length_s(self) -> float:
        """Length of the track so far, the silence in its gaps included."""
        return self.decoded_s + self.gaps.filled_s

    def finish(self, source: AudioSource, length_s: float) -> None:
        """Compare a recording, of which so much was there, with what it announces."""
        share = source.part.announced_share
        self._announced_s += length_s * share if share < 1 else max(length_s * share, source.stated_duration_s or 0.0)
        self._is_more_than_announced |= share < 1
        self._is_raw = source.is_raw
        self._n_audio_tracks = max(self._n_audio_tracks, len(source.container.streams.audio))

    def refuse(self) -> None:
        """Raise an error if too little of the file could be decoded.

        Raises
        ------
        UndecodableAudioError
            Over half of the packets, or of their bytes, gave errors.
        NotAudioError
            The same, in a file that a few bytes made look like MP3 or AAC.
        TruncatedAudioError
            Nothing is damaged, but there is no sound.
        """
        tally = self.tally
        if not tally.n_samples and tally.odd_rate_hz is not None:
            raise UndecodableAudioError(
                f"The file {{name}} claims {tally.odd_rate_hz} samples per second, which no recording has; "
                "please export it again."
            )
        if 2 * tally.n_damaged > tally.n_packets or 2 * tally.n_bytes_damaged > tally.n_bytes:
            if self._is_raw and tally.n_packets - tally.n_damaged < _FEWEST_PACKETS:
                raise not_audio()
            raise UndecodableAudioError(
                "Most of the sound in the file {name} is damaged; please download or export it again."
            )
        if not tally.n_samples:
            raise self.lost_parts[0] if self.lost_parts else truncated()

    def notes(self) -> Iterator[str]:
        """Yield a sentence for the user about each fault of a usable file."""
        tally = self.tally
        if tally.n_damaged:
            were = "was damaged and was" if tally.n_damaged == 1 else "were damaged and were"
            yield f"{tally.n_damaged} of {tally.n_packets} audio packets {were} skipped."
        if self.lost_parts:
            were = "was" if len(self.lost_parts) == 1 else "were"
            yield f"{len(self.lost_parts)} of the {len(self._file.parts)} recordings in the file {were} not readable."
        if tally.is_given_up:
            yield f"The file cannot be read beyond {clock(self.length_s)}; the rest was left out."
        yield from self._about_length()
        yield from self.gaps.notes
        if self._file.n_stray_bytes:
            yield f"The first {_size(self._file.n_stray_bytes)} of the file could not be read and were left out."
        if self._n_audio_tracks > 1:
            yield f"The file has {self._n_audio_tracks} sound tracks, such as languages; one of them was analysed."

    def _about_length(self) -> Iterator[str]:
        held_s = self.length_s + self.gaps.jumped_s
        if self._announced_s - held_s > _tolerance_s(self._announced_s):
            yield f"The file is incomplete: it announces {self._announced_s:.1f} s but holds {self.length_s:.1f} s."
        elif self._is_more_than_announced and held_s - self._announced_s > _tolerance_s(held_s):
            yield (
                f"The file's header announces {self._announced_s:.1f} s but {self.length_s:.1f} s are there; "
                "all of them were analysed."
            )


def _tolerance_s(length_s: float) -> float:
    """Return how far a length may be off: decoders drop tens of milliseconds."""
    return max(0.5, 0.02 * length_s)


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{max(n_bytes // 1000, 1)} kB"
