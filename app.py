"""The entry of a Space, a container and ``scripts/run``; in an installed package it is ``genre serve``."""

from genre_app.ui.launch import serve

if __name__ == "__main__":
    serve()
