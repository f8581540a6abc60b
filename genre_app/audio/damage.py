"""What was wrong with a file, once it has been read to its end."""

from collections.abc import Iterator

from genre_app.audio.packets import PacketDecoder
from genre_app.audio.source import AudioSource, not_audio, truncated
from genre_app.errors import UndecodableAudioError

_FEWEST_PACKETS = 10  # a "track" of fewer intact packets among garbage is a file of another kind


def refuse_wreck(source: AudioSource, decoder: PacketDecoder) -> None:
    """Raise an error if too little of a file was sound.

    Raises
    ------
    UndecodableAudioError
        Over half of the packets, or of their bytes, gave errors.
    NotAudioError
        The same, in a file that was taken for an MP3 or AAC on the strength of a few bytes.
    TruncatedAudioError
        Nothing is damaged, but there is no sound either.
    """
    n_intact = decoder.n_packets - decoder.n_damaged
    if 2 * decoder.n_damaged > decoder.n_packets or 2 * decoder.n_bytes_damaged > decoder.n_bytes:
        if source.is_raw and n_intact < _FEWEST_PACKETS:
            raise not_audio(source.name)
        raise UndecodableAudioError(
            f"Most of the sound in {source.name} is damaged; please download or export it again."
        )
    if not decoder.n_samples:
        raise truncated(source.name)


def describe_faults(source: AudioSource, decoder: PacketDecoder, decoded_s: float) -> Iterator[str]:
    """Yield a sentence for the user about each fault of a file that is still usable.

    Parameters
    ----------
    source, decoder
        The file, and its decoder after the end.
    decoded_s
        Seconds of sound that were decoded.
    """
    if decoder.n_damaged:
        were = "was damaged and was" if decoder.n_damaged == 1 else "were damaged and were"
        yield f"{decoder.n_damaged} of {decoder.n_packets} audio packets {were} skipped."
    announced_s = decoded_s * source.n_bytes_announced / source.n_bytes
    if source.duration_s is not None and source.is_duration_stated:
        announced_s = max(announced_s, source.duration_s)
    if announced_s - decoded_s > max(0.5, 0.02 * announced_s):  # decoders drop some tens of milliseconds
        yield f"The file is incomplete: it announces {announced_s:.1f} s but holds {decoded_s:.1f} s."
