"""The entry of a Space, a container and ``scripts/run``; in an installed package it is ``genre serve``."""

from genre_app.__main__ import serve

if __name__ == "__main__":
    serve(prog_name="python app.py")
