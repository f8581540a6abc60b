"""Mel spectrograms."""

import torchaudio


def mel_power(
    sample_rate_hz: int, *, n_fft: int, hop_samples: int, n_mels: int
) -> torchaudio.transforms.MelSpectrogram:
    """Return a module for power spectrograms in Slaney's mel bands up to half the sample rate.

    Frames are not padded: the first one begins with the waveform, so patches have to include their context.
    """
    return torchaudio.transforms.MelSpectrogram(
        sample_rate_hz,
        n_fft=n_fft,
        hop_length=hop_samples,
        n_mels=n_mels,
        norm="slaney",
        mel_scale="slaney",
        power=2.0,
        center=False,
    )
