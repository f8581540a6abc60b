"""What a file holds, whatever it is called."""

import hashlib
import stat
from pathlib import Path

from genre_app.errors import UnreadableFileError


def hash_file(path: Path) -> str:
    """Hash a file's content, so that the cache knows it under any name.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.

    Raises
    ------
    UnreadableFileError
        The path is missing, no regular file, or may not be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would block, a device would never end
            raise UnreadableFileError(f"{path.name} is not a file; please choose an audio file.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        raise UnreadableFileError(
            f"{path.name} cannot be read; please check that the file is there and may be opened."
        ) from error
