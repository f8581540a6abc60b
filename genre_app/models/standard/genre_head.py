"""The ten-genre head of the standard model, on MusiCNN's tags and YAMNet's embedding.

One linear layer: ``genre_logits = (weight @ [tag_logits, embedding] + bias) / temperature``, trained by
`tools.training.train_standard`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn, tensor

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.runtime.weight_file import header, read_weights
from genre_app.models.yamnet.network import N_EMBEDDING

#: The header's entry.
_METADATA_KEY: Final = "standard"
N_FEATURES: Final = len(MSD_TAGS) + N_EMBEDDING


class StandardHead(nn.Module):
    """Tag logits and embedding to calibrated genre logits.

    Parameters
    ----------
    labels : tuple of str
        The genres in the order of the output's columns.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.labels = labels
        self.linear = nn.Linear(N_FEATURES, len(labels))
        self.register_buffer("temperature", tensor(1.0))

    @classmethod
    def from_file(cls, path: Path) -> "StandardHead":
        """Load trained weights; the head is ready for inference.

        Raises
        ------
        ValueError
            If the file does not hold such a head.
        """
        state, facts = read(path)
        try:
            head = cls(tuple(facts["labels"]))
            head.load_state_dict({name: state[name] for name in head.state_dict()})
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold the standard model's genre head") from error
        return head.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any], reference: Mapping[str, Tensor]) -> None:
        """Write the weights and the reference that styles are measured against; facts (for JSON) go into the header.

        Parameters
        ----------
        path : Path
        facts : mapping
        reference : mapping of str to Tensor
            As `genre_app.models.standard.groups.Reference.tensors` makes them.
        """
        state = {name: value.detach().contiguous() for name, value in self.state_dict().items()}
        metadata = header(_METADATA_KEY, {**facts, "labels": self.labels, "tags": MSD_TAGS})
        path.write_bytes(save({**state, **reference}, metadata=metadata))

    def forward(self, tag_logits: Tensor, embedding: Tensor) -> Tensor:
        """Turn tag logits (n, 50) and embeddings (n, 1024) into calibrated genre logits (n, len(labels))."""
        logits: Tensor = self.linear(torch.cat([tag_logits, embedding], dim=1))
        return logits / self.get_buffer("temperature")


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the header's facts of a file.

    Raises
    ------
    ValueError
        If it is no safetensors file with such a header.
    """
    try:
        facts, state = read_weights(path, _METADATA_KEY, framework="pt")
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{path.name} is not a file of the standard model") from error
    if not facts:
        raise ValueError(f"{path.name} is not a file of the standard model")
    return state, facts
