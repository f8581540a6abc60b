"""What the standard model reads from its two networks: the output columns of a patch."""

from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from genre_app.models.standard.genre_head import StandardHead
from genre_app.models.standard.groups import GroupColumns, Reference, SoundColumns
from genre_app.models.standard.tables import read_groups, read_sounds
from genre_app.models.yamnet.classes import AUDIOSET_CLASSES

HEAD_FILE: Final = "standard.safetensors"
STYLES_FILE: Final = "styles.toml"
TAGS_FILE: Final = "tags.toml"
SOUNDS_FILE: Final = "sounds.toml"
RULE_FILE: Final = "standard_rule.toml"
FILES: Final = (HEAD_FILE, STYLES_FILE, TAGS_FILE, SOUNDS_FILE, RULE_FILE)

_SILENCE: Final = AUDIOSET_CLASSES.index("Silence")
#: Where all parts of a patch are silent they count alike, instead of dividing nought by nought.
_LEAST_WEIGHT: Final = 1e-3


class Columns(NamedTuple):
    """What n patches are; averages over patches are meaningful.

    Attributes
    ----------
    genres : Tensor, shape (n, 10)
        Calibrated logits, for a softmax.
    music : Tensor, shape (n, 1)
        Log-odds of music against other sounds.
    styles : Tensor, shape (n, n_styles)
        Above 0 the style may be named.
    tags : Tensor, shape (n, n_tags)
        Moods, instruments and voices, likewise.
    sounds : Tensor, shape (n, n_sounds)
        The highest names best what is not music.
    embedding : Tensor, shape (n, 1024)
        Of the patch as a whole: YAMNet's, without what is silent.
    """

    genres: Tensor
    music: Tensor
    styles: Tensor
    tags: Tensor
    sounds: Tensor
    embedding: Tensor


class StandardHeads(nn.Module):
    """Genres, music, styles, tags and sounds from the outputs of MusiCNN and YAMNet.

    Parameters
    ----------
    genre_head : StandardHead
    reference : Reference
        What is usual in music.
    styles, tags : GroupColumns
    sounds : SoundColumns
    """

    def __init__(
        self,
        genre_head: StandardHead,
        reference: Reference,
        *,
        styles: GroupColumns,
        tags: GroupColumns,
        sounds: SoundColumns,
    ) -> None:
        super().__init__()
        self.genre_head = genre_head
        self.reference = reference
        self.styles = styles
        self.tags = tags
        self.sounds = sounds

    @classmethod
    def from_file(cls, folder: Path) -> "StandardHeads":
        """Load `FILES` from a folder; the heads are ready for inference.

        Raises
        ------
        ValueError
            If one of them is damaged; the message names it.
        """
        heads = cls(
            StandardHead.from_file(folder / HEAD_FILE),
            Reference.from_file(folder / HEAD_FILE),
            styles=GroupColumns(read_groups(folder / STYLES_FILE)),
            tags=GroupColumns(read_groups(folder / TAGS_FILE)),
            sounds=SoundColumns(read_sounds(folder / SOUNDS_FILE)),
        )
        return heads.eval().requires_grad_(requires_grad=False)

    def forward(self, tag_logits: Tensor, embeddings: Tensor, class_logits: Tensor) -> Columns:
        """Read n patches of 2.992 s.

        Parameters
        ----------
        tag_logits : Tensor, shape (n, 50)
            MusiCNN's.
        embeddings : Tensor, shape (n, 3, 1024)
            Of the three YAMNet patches in each.
        class_logits : Tensor, shape (n, 3, 521)
            Theirs too.
        """
        weight = sounding_weight(class_logits)
        embedding, logits = (embeddings * weight).sum(dim=1), (class_logits * weight).sum(dim=1)
        music, sounds = self.sounds(logits)
        standardised = self.reference(logits, tag_logits)
        return Columns(
            genres=self.genre_head(tag_logits, embedding),
            music=music,
            styles=self.styles(*standardised),
            tags=self.tags(*standardised),
            sounds=sounds,
            embedding=embedding,
        )


def sounding_weight(class_logits: Tensor) -> Tensor:
    """Return how much each YAMNet patch counts: one that it calls silence counts little.

    Parameters
    ----------
    class_logits : Tensor, shape (n, n_patches, 521)

    Returns
    -------
    Tensor, shape (n, n_patches, 1)
        Sums to 1 over each patch's parts.
    """
    weight = torch.sigmoid(-class_logits[:, :, _SILENCE]) + _LEAST_WEIGHT
    return (weight / weight.sum(dim=1, keepdim=True)).unsqueeze(2)
