"""The second tab: many tracks, one row each."""
