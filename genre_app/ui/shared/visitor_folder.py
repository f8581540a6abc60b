"""The folder of a visitor's downloads."""

import hashlib
from pathlib import Path

import gradio as gr


def folder_of(downloads: Path, request: gr.Request) -> Path:
    """Return the path of a visitor's folder, which may not exist yet.

    The caller removes it when the visitor leaves. Gradio serves copies of its files, which it removes itself.

    Parameters
    ----------
    downloads : Path
        Parent folder of all visitors' folders.
    request : gradio.Request
        Identifies the visitor; the folder's name does not reveal the session.
    """
    return downloads / hashlib.sha256((request.session_hash or "").encode()).hexdigest()
