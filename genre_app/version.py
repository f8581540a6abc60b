"""The version of the app, as the changelog counts it."""

__version__ = "0.1.0"
