"""What a patch sounds like, as a short vector: directions in which music differs.

One linear layer on what the genre head reads too: the leading principal components of tag logits and YAMNet's
embedding over music, trained by `tools.training.train_similarity`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn

from genre_app.models.runtime.weight_file import header, read_weights
from genre_app.models.standard.genre_head import N_FEATURES

N_DIMENSIONS: Final = 64
#: The header's entry.
_METADATA_KEY: Final = "similarity"


class SoundProjection(nn.Module):
    """Tag logits and embedding to `N_DIMENSIONS` numbers, whose mean over music is zero."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(N_FEATURES, N_DIMENSIONS)

    @classmethod
    def from_file(cls, path: Path) -> "SoundProjection":
        """Load trained weights, for inference.

        Raises
        ------
        ValueError
            If the file does not hold such a projection.
        """
        try:
            _, state = read_weights(path, _METADATA_KEY, framework="pt")
            projection = cls()
            projection.load_state_dict(state)
        except (SafetensorError, RuntimeError, ValueError) as error:
            raise ValueError(f"{path.name} does not hold the projection for similar tracks") from error
        return projection.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the weights; facts (for JSON) go into the header."""
        state = {name: value.detach().contiguous() for name, value in self.state_dict().items()}
        path.write_bytes(save(state, metadata=header(_METADATA_KEY, facts)))

    def forward(self, tag_logits: Tensor, embedding: Tensor) -> Tensor:
        """Turn tag logits (n, 50) and embeddings (n, 1024) into shape (n, N_DIMENSIONS)."""
        projected: Tensor = self.linear(torch.cat([tag_logits, embedding], dim=1))
        return projected
