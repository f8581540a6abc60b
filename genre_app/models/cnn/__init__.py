"""A small CNN, trained from scratch on log-mel spectrograms."""
