"""Tempo, key and chords of a waveform, without a model."""
