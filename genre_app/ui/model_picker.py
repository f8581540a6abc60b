"""The choice of the model that answers."""

import gradio as gr

from genre_app.shelf import ModelShelf


def model_picker(shelf: ModelShelf, *, label: str = "Model", elem_id: str = "model") -> gr.Dropdown:
    """Offer the models of this installation, the first choice chosen."""
    default = shelf.default.model.name
    return gr.Dropdown([default], value=default, label=label, elem_id=elem_id, info="Who listens and answers.")
