"""``python -m genre_app.evaluate``."""

from genre_app.evaluate.accuracy import main

main(prog_name="python -m genre_app.evaluate")
