"""Any audio file as mono float32 at one sample rate, streamed in bounded memory.

::

    path -> source.open_source     FFmpeg recognises the format and picks the audio stream
         -> packets.PacketDecoder  packets become frames; damaged packets are skipped
         -> stream.AudioStream     frames become mono blocks of about a second at the requested rate; a file that is
                                   mostly damaged is an error, lesser faults are warnings
         -> decoding.Decoder       where that happens: in the calling thread, or in the processes of a
                                   worker_pool.WorkerPool, whose worker.main sends the blocks to a WorkerStream
"""

from genre_app.audio.source import SUPPORTED_EXTENSIONS, AudioInfo
from genre_app.audio.stream import AudioStream, load_audio, open_audio

__all__ = ["SUPPORTED_EXTENSIONS", "AudioInfo", "AudioStream", "load_audio", "open_audio"]
