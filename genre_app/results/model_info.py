"""What a result has to know of the model that answered."""

from dataclasses import dataclass
from typing import Final, Literal

from genre_app.results.label_kind import LabelKind, kind_of

#: How logits become scores: ``"softmax"`` where the labels exclude each other, ``"sigmoid"`` where each stands alone.
Activation = Literal["softmax", "sigmoid"]
#: A style, or a calibrated tag, is named from this score on.
NAMED_FROM: Final = 0.5


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """When a model's answer may be given without reservation; chosen on validation data.

    Attributes
    ----------
    confident_from : float
        Least score of the leading label in a confident answer.
    set_mass : float
        What the labels that an uncertain answer names hold together, at least.
    music_from : float or None
        Log-odds of "this is music", the median of the track's moments, below which it is not music; None if the model
        does not detect music.
    music_sure_from : float or None
        The same below which no answer is confident.
    named_from : float
        Least score of a tag that is named; styles are named from 0.5 on.
    part_from : float or None
        Least score of the leading label in a part of the track that is sure; None never splits a track into parts.
    part_seconds : float
        A shorter part is no part of its own.
    most_of_parts : float
        Where one label holds more than this share of the sure parts' time, the track is not mixed.
    outside_margin : float
        By how much, in log-odds, a style of none of the labels must exceed every style that goes with the leading one.
    outside_below : float
        Only a leading label with a score below this can be outweighed by styles.
    """

    confident_from: float = 0.5
    set_mass: float = 0.8
    music_from: float | None = None
    music_sure_from: float | None = None
    named_from: float = 0.0
    part_from: float | None = None
    part_seconds: float = 10.0
    most_of_parts: float = 0.75
    outside_margin: float = 0.0
    outside_below: float = 0.0


@dataclass(frozen=True, slots=True)
class Style:
    """A style beyond the labels.

    Attributes
    ----------
    name : str
        Such as ``"ambient & new age"``.
    is_outside : bool
        Whether music of this style is none of the labels.
    near : tuple of str
        Labels that the style does not contradict all the same.
    """

    name: str
    is_outside: bool = False
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a result says of the model that answered.

    Attributes
    ----------
    name : str
        The name by which a user picks it.
    revision : str
        Hash of the weights (and of the calibration): scores of different revisions must not be mixed.
    labels : tuple of str
        Classes in the order of the logits' columns.
    device : str
        Where it runs: ``"cpu"``, ``"cuda"`` …
    precision : str
        ``"float32"``, or the lower precision in which the network multiplies.
    rule : DecisionRule
        When an answer is confident, and when a track is not music.
    activation : {"softmax", "sigmoid"}
        Whether the labels exclude each other or each stands alone.
    tags, sounds : tuple of str
        What the model says beside the labels: moods and instruments; sounds that are not music. Each stands alone (its
        sigmoid is its score).
    styles : tuple of Style
        Styles beyond the labels; each stands alone.
    n_measures : int
        Numbers about each patch, after all logits, on which the model's reasons rest; 0 if it cannot explain itself.
    n_dimensions : int
        Numbers that say what each patch sounds like, after the measures: of tracks that sound alike they point in the
        same direction. 0 if the model has no such embedding.
    """

    name: str
    revision: str
    labels: tuple[str, ...]
    device: str
    precision: str = "float32"
    rule: DecisionRule = DecisionRule()
    activation: Activation = "softmax"
    tags: tuple[str, ...] = ()
    styles: tuple[Style, ...] = ()
    sounds: tuple[str, ...] = ()
    n_measures: int = 0
    n_dimensions: int = 0

    @property
    def detects_music(self) -> bool:
        """Whether the column after the labels is the log-odds that the piece is music."""
        return self.rule.music_from is not None

    @property
    def label_kind(self) -> LabelKind:
        """What the labels are."""
        return kind_of(self.labels, is_exclusive=self.activation == "softmax")

    @property
    def n_columns(self) -> int:
        """Columns of the array that the backend returns."""
        n_logits = len(self.labels) + self.detects_music + len(self.tags) + len(self.styles) + len(self.sounds)
        return n_logits + self.n_measures + self.n_dimensions
