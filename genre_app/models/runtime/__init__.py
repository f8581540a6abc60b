"""Where and how a network runs: devices, threads, fingerprints of weights."""
