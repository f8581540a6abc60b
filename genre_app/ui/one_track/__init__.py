"""The first tab: one track, its verdict and its timeline."""
