"""The ten-genre head: from the logits of MusiCNN's 50 MSD tags to calibrated genre logits.

One linear layer: ``genre_logits = (weight @ tag_logits + bias) / temperature``. So the mean of patches' genre logits is
that of the mean tag logits, and windows of any length can be computed from a cached grid of patches. Trained by
`tools.training.train_head`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save
from torch import Tensor, nn, tensor

from genre_app.models.runtime.weight_file import header, read_weights

#: The tags of MusiCNN trained on the Million Song Dataset, in output order.
MSD_TAGS: Final[tuple[str, ...]] = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock"),
    *("jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow"),
    *("electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock"),
    *("ambient", "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb"),
    *("indie pop", "sad", "House", "happy"),
)

_HEADER_KEY: Final = "genre_head"


class GenreHead(nn.Module):
    """Tag logits to calibrated genre logits.

    Parameters
    ----------
    labels : tuple of str
        The genres in the order of the output's columns.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.labels = labels
        self.linear = nn.Linear(len(MSD_TAGS), len(labels))
        self.register_buffer("temperature", tensor(1.0))

    @classmethod
    def from_file(cls, path: Path) -> "GenreHead":
        """Load trained weights; the head is ready for inference.

        Raises
        ------
        ValueError
            The file does not hold a head's weights.
        """
        facts, state = read_weights(path, _HEADER_KEY, framework="pt")
        if "labels" not in facts:
            raise ValueError(f"{path.name} does not name its labels")
        head = cls(tuple(facts["labels"]))
        try:
            head.load_state_dict(state)
        except RuntimeError as error:
            raise ValueError(f"{path.name} does not hold a genre head's weights") from error
        return head.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the weights, with the labels and further facts (JSON values) in the header."""
        state = {name: value.detach().contiguous() for name, value in self.state_dict().items()}
        stored_facts = {**facts, "labels": self.labels, "tags": MSD_TAGS}
        path.write_bytes(save(state, metadata=header(_HEADER_KEY, stored_facts)))

    def forward(self, tag_logits: Tensor) -> Tensor:
        """Turn tag logits of shape (n, 50) into calibrated genre logits of shape (n, len(labels))."""
        logits: Tensor = self.linear(tag_logits)
        return logits / self.get_buffer("temperature")
