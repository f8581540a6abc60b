"""A linear model on librosa features that can explain its answer."""
