"""The entry on a Space, in a container and of ``scripts/run``; an installed package has ``genre serve`` for the same."""

from genre_app.ui.launch import serve

if __name__ == "__main__":
    serve()
