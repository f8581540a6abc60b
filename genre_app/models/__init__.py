"""Models behind one contract: `genre_app.models.base.Backend`."""
