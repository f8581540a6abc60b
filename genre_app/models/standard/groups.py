"""Groups of classes as columns: how much above what is usual in music, or in other sounds, a group is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.standard.genre_head import read
from genre_app.models.standard.tables import Group, SoundTable
from genre_app.models.yamnet.classes import AUDIOSET_CLASSES

#: AudioSet's genres of music; their mean says how much a recording is like AudioSet's at all, not what it is.
GENRE_CLASSES: Final[tuple[int, ...]] = tuple(
    index
    for index in range(AUDIOSET_CLASSES.index("Pop music"), AUDIOSET_CLASSES.index("Scary music") + 1)
    if AUDIOSET_CLASSES[index] not in {"Song", "Beatboxing"}
)
#: What YAMNet's classes weigh against MusiCNN's tags where a group has both.
_CLASS_SHARE: Final = 0.6
#: Log-odds for each standard deviation above the threshold.
SLOPE: Final = 2.0


class Reference(nn.Module):
    """Logits in standard deviations above their mean over music.

    What all AudioSet genres, or all tags, have in common is taken off first: it is low for recordings unlike those
    that the networks were trained on and says nothing of the style.
    """

    def __init__(self) -> None:
        super().__init__()
        for name, size in (("class", len(AUDIOSET_CLASSES)), ("tag", len(MSD_TAGS))):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_deviation", torch.ones(size))

    @classmethod
    def from_file(cls, path: Path) -> "Reference":
        """Load what `tools.training.train_standard` measured.

        Raises
        ------
        ValueError
            If the file does not hold it.
        """
        state, _ = read(path)
        reference = cls()
        try:
            reference.load_state_dict({name: state[f"reference.{name}"] for name in reference.state_dict()})
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold the reference of the styles") from error
        return reference

    def tensors(self) -> Mapping[str, Tensor]:
        """Return what belongs into the file."""
        return {f"reference.{name}": value.contiguous() for name, value in self.state_dict().items()}

    def forward(self, class_logits: Tensor, tag_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Standardise logits of shapes (n, 521) and (n, 50)."""
        classes = (relative_classes(class_logits) - self.get_buffer("class_mean")) / self.get_buffer("class_deviation")
        tags = (relative_tags(tag_logits) - self.get_buffer("tag_mean")) / self.get_buffer("tag_deviation")
        return classes, tags


def relative_classes(logits: Tensor) -> Tensor:
    """Take the mean of AudioSet's genres off class logits of shape (n, 521)."""
    return logits - logits[:, list(GENRE_CLASSES)].mean(dim=1, keepdim=True)


def relative_tags(logits: Tensor) -> Tensor:
    """Take their mean off tag logits of shape (n, 50)."""
    return logits - logits.mean(dim=1, keepdim=True)


class GroupColumns(nn.Module):
    """Standardised logits to one log-odds for each group: above 0 it may be named.

    Parameters
    ----------
    groups : sequence of Group
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        super().__init__()
        self.groups = tuple(groups)
        self.names = tuple(group.name for group in groups)
        self.register_buffer("threshold", torch.tensor([group.threshold for group in groups]), persistent=False)

    def forward(self, classes: Tensor, tags: Tensor) -> Tensor:
        """Turn standardised logits of shapes (n, 521) and (n, 50) into shape (n, n_groups)."""
        return SLOPE * (self.strength(classes, tags) - self.get_buffer("threshold"))

    def strength(self, classes: Tensor, tags: Tensor) -> Tensor:
        """Return how far each group stands out, in standard deviations; shape (n, n_groups)."""
        return torch.stack([_strength(group, classes, tags) for group in self.groups], dim=1)


def _strength(group: Group, classes: Tensor, tags: Tensor) -> Tensor:
    by_tag = tags[:, list(group.tags)].amax(dim=1) if group.tags else None
    if not group.classes:
        assert by_tag is not None
        return by_tag
    by_class = classes[:, list(group.classes)].amax(dim=1)
    return by_class if by_tag is None else _CLASS_SHARE * by_class + (1 - _CLASS_SHARE) * by_tag


class SoundColumns(nn.Module):
    """Class logits to the log-odds of music, and to the strength of other sounds.

    Parameters
    ----------
    table : SoundTable
    """

    def __init__(self, table: SoundTable) -> None:
        super().__init__()
        self.table = table
        self.names = tuple(group.name for group in table.groups)
        self.register_buffer("threshold", torch.tensor([g.threshold for g in table.groups]), persistent=False)

    def forward(self, class_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Turn class logits of shape (n, 521) into shapes (n, 1) and (n, n_groups)."""
        music = class_logits[:, list(self.table.music)].logsumexp(dim=1, keepdim=True)
        other = class_logits[:, list(self.table.other)].logsumexp(dim=1, keepdim=True)
        strength = torch.stack([class_logits[:, list(group.classes)].amax(dim=1) for group in self.table.groups], dim=1)
        return music - other, strength - self.get_buffer("threshold")
