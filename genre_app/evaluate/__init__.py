"""How often a model is right, and how fast the app is."""
