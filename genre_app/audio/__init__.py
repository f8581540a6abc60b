"""Any audio file as mono float32 at one sample rate, streamed in bounded memory.

::

    path -> source.AudioFile       layout finds the recordings in it, FFmpeg opens each through a local_file.FileView
         -> packets.PacketDecoder  packets become frames; damaged packets are skipped and counted
         -> gaps.with_gaps         time stamps say where nothing was recorded
         -> mono.MonoReader        frames become mono blocks of about a second; faults.Faults collects what was wrong: a
                                   file that is mostly damaged is an error, lesser faults are notes
         -> stream.AudioStream     the blocks at the requested rate
         -> decoder.Decoder        where that happens: in the calling thread, or in the processes of a
                                   worker_pool.WorkerPool, whose worker.main sends the blocks to a WorkerStream
"""

from genre_app.audio.source import SUPPORTED_EXTENSIONS, AudioInfo
from genre_app.audio.stream import AudioStream, load_audio, open_audio

__all__ = ["SUPPORTED_EXTENSIONS", "AudioInfo", "AudioStream", "load_audio", "open_audio"]
