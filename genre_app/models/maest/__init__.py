"""MAEST: 400 Discogs styles, rolled up to the ten genres."""
