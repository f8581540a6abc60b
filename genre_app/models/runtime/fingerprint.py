"""What the files of an embedded model are called."""

import hashlib
from pathlib import Path


def fingerprint_of(*files: Path) -> str:
    """Hash the content of weight files: sixteen hexadecimal digits that change with any of them."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
