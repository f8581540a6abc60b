"""The music detector: one linear layer on MusiCNN's 50 tag logits, with the thresholds of the verdict.

Trained by `tools.training.train_verdict` on the tags of real music and of synthesised noise, tones, clicks, speech and
animals.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from safetensors.torch import save
from torch import Tensor, nn

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.models.runtime.weight_file import header, read_weights
from genre_app.results.model_info import DecisionRule

_HEADER_KEY: Final = "music_detector"


class MusicDetector(nn.Module):
    """Tag logits to the log-odds that a patch is music.

    Parameters
    ----------
    rule : DecisionRule
        The thresholds chosen with the weights.
    """

    def __init__(self, rule: DecisionRule) -> None:
        super().__init__()
        self.rule = rule
        self.linear = nn.Linear(len(MSD_TAGS), 1)

    @classmethod
    def from_file(cls, path: Path) -> "MusicDetector":
        """Load trained weights; the detector is ready for inference.

        Raises
        ------
        ValueError
            The file does not hold a detector's weights.
        """
        facts, state = read_weights(path, _HEADER_KEY, framework="pt")
        try:
            detector = cls(DecisionRule(**facts["rule"]))
            detector.load_state_dict(state)
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold a music detector's weights") from error
        return detector.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the weights, with the rule and further facts (JSON values) in the header."""
        stored_facts = {**facts, "rule": asdict(self.rule)}
        path.write_bytes(save(self.state_dict(), metadata=header(_HEADER_KEY, stored_facts)))

    def forward(self, tag_logits: Tensor) -> Tensor:
        """Turn tag logits of shape (n, 50) into log-odds of shape (n, 1)."""
        log_odds: Tensor = self.linear(tag_logits)
        return log_odds
