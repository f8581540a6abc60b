"""The third tab: one track, two models."""
