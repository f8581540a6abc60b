"""``python -m genre_app.benchmark``."""

from genre_app.evaluate.speed import main

if __name__ == "__main__":
    main(prog_name="python -m genre_app.benchmark")
