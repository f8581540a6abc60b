"""Accuracy of the models and speed of the app."""
