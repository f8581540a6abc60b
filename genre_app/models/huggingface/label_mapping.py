"""Map the labels of a third-party model to the app's spelling."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from genre_app.genres import GENRES, canonical
from genre_app.results.model_info import Activation


def app_spelling(label: str) -> str:
    """Return a label in the app's spelling: "Hip-Hop" and "hip hop" become "hiphop"; other labels are unchanged."""
    plain = canonical(label)
    return plain if plain in GENRES else label.strip()


@dataclass(frozen=True, slots=True)
class LabelMapping:
    """The network's classes behind each label.

    Attributes
    ----------
    labels : tuple of str
        Distinct labels, in the network's order.
    classes : tuple of tuple of int
        Indices of each label's classes; nearly always one.
    """

    labels: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]

    @classmethod
    def from_id2label(cls, id2label: Mapping[int, str]) -> "LabelMapping":
        """Map the labels of a ``config.json``; different spellings of a genre, and equal labels, become one.

        Raises
        ------
        ValueError
            The classes are not numbered from 0 without a gap.
        """
        if sorted(id2label) != list(range(len(id2label))):
            raise ValueError("id2label does not number the classes from 0 without a gap")
        joined: dict[str, list[int]] = {}
        for index in range(len(id2label)):
            label = app_spelling(str(id2label[index])) or f"class {index}"
            joined.setdefault(label, []).append(index)
        return cls(tuple(joined), tuple(tuple(classes) for classes in joined.values()))

    def combine(self, logits: Tensor, activation: Activation) -> Tensor:
        """Turn logits of shape (n, number of classes) into logits of shape (n, number of labels).

        If classes are exclusive (softmax), the logit of their union is exactly the log-sum-exp of theirs. If they are
        independent (sigmoid), it is their maximum: two spellings of a genre are two estimates of the same thing, not
        two separate chances.
        """
        columns = []
        for classes in self.classes:
            members = logits[:, list(classes)]
            columns.append(members.logsumexp(dim=1) if activation == "softmax" else members.amax(dim=1))
        return torch.stack(columns, dim=1)
