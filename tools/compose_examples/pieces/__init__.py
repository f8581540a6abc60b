"""The pieces, one in each file; ``compose`` returns a recording of shape (2, n) at ``RATE_HZ``."""
