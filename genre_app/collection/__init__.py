"""Many tracks: find them, analyse them, write and summarise what was found."""
