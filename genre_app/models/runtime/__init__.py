"""Shared by all networks: devices, threads, fingerprints of weights."""
