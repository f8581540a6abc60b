"""Collections of tracks: find them, analyse them, and write and summarise the results."""
