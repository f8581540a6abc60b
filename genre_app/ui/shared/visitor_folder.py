"""Where the files lie that a visitor takes away."""

import hashlib
from pathlib import Path

import gradio as gr


def folder_of(downloads: Path, request: gr.Request) -> Path:
    """Name the folder of a visitor, which may not be there yet.

    Whoever writes to it removes it when the visitor leaves. Gradio serves a copy of what lies in it, and removes that
    one by itself.

    Parameters
    ----------
    downloads : Path
        Folder of all visitors.
    request : gradio.Request
        Who is visiting; nobody can tell a session from the folder's name.
    """
    return downloads / hashlib.sha256((request.session_hash or "").encode()).hexdigest()
