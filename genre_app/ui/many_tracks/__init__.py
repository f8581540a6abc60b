"""The second tab: many tracks, a row each."""
