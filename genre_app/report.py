"""Result to files."""

import os
import tempfile
from pathlib import Path

from genre_app.schema import ClassificationResult


def to_json(result: ClassificationResult, *, indent: int | None = 2) -> str:
    """Write a result as JSON text, in the order of the schema."""
    return result.model_dump_json(indent=indent)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader, or a crash, sees all of it or nothing.

    Raises
    ------
    OSError
        The folder does not exist or may not be written to.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
