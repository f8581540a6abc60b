"""The third tab: one track under two models."""
