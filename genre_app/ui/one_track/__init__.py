"""The first tab: one track, its answer and its timeline."""
