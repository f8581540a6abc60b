"""The pieces, one a file; each turns a random generator into a recording of shape (2, n) at ``RATE_HZ``."""
