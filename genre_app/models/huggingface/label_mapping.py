"""Bring the labels of a foreign model to the app's spelling."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from genre_app.genres import GENRES, canonical
from genre_app.results.model_info import Activation


def app_spelling(label: str) -> str:
    """Return a label as the app spells it: "Hip-Hop" and "hip hop" are "hiphop", what is no genre stays as it is."""
    plain = canonical(label)
    return plain if plain in GENRES else label.strip()


@dataclass(frozen=True, slots=True)
class LabelMapping:
    """Which of a network's classes make up each label.

    Attributes
    ----------
    labels : tuple of str
        What is shown, each once, in the order in which the network names them.
    classes : tuple of tuple of int
        For each label the network's classes that it joins; nearly always one.
    """

    labels: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]

    @classmethod
    def from_id2label(cls, id2label: Mapping[int, str]) -> "LabelMapping":
        """Map the labels of a ``config.json``: spellings of one genre, and equal texts, become one label.

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

        Where classes exclude each other (softmax), the logit of their union is the logarithm of the sum of their
        exponentials, exactly. Where each stands alone (sigmoid), the greatest speaks for all: two spellings of one
        genre are two opinions of one thing, no two chances of it.
        """
        columns = []
        for classes in self.classes:
            members = logits[:, list(classes)]
            columns.append(members.logsumexp(dim=1) if activation == "softmax" else members.amax(dim=1))
        return torch.stack(columns, dim=1)
