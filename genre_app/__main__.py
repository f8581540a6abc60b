"""``python -m genre_app``."""

from genre_app.cli import main

main(prog_name="python -m genre_app")
