"""Any audio file as mono float32 at one sample rate, streamed in bounded memory.

::

    path -> source.open_source     FFmpeg recognises the file and picks its audio stream
         -> packets.PacketDecoder  packets become mono frames; a damaged one costs itself, not the track
         -> stream.AudioStream     frames become blocks of about a second at the rate asked for; at the end a wreck is
                               refused and lesser faults are reported
"""

from genre_app.audio.source import SUPPORTED_EXTENSIONS, AudioInfo
from genre_app.audio.stream import AudioStream, load_audio, open_audio

__all__ = ["SUPPORTED_EXTENSIONS", "AudioInfo", "AudioStream", "load_audio", "open_audio"]
