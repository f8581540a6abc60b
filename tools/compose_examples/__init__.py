"""Composes the example recordings."""
