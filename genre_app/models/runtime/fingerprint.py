"""Revisions of embedded models, from their files."""

import hashlib
from pathlib import Path


def fingerprint_of(*files: Path) -> str:
    """Hash files in the given order; sixteen hexadecimal digits of SHA-256."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
