"""Is it music at all? One linear layer on MusiCNN's 50 tag logits, with the thresholds of the verdict.

Trained by `tools.training.train_verdict` on tags of real music and of synthesised noise, tones, clicks, speech and
animals.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from genre_app.models.musicnn.genre_head import MSD_TAGS
from genre_app.results.model_info import DecisionRule

#: The header's one entry, a JSON object, so that equal detectors are equal files.
_METADATA_KEY: Final = "music_detector"


class MusicDetector(nn.Module):
    """Tag logits to the log-odds that a patch is music.

    Parameters
    ----------
    rule : DecisionRule
        The thresholds that were chosen together with the weights.
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
            If the file does not hold a detector's weights.
        """
        with safe_open(path, framework="pt") as stored:
            facts = json.loads((stored.metadata() or {}).get(_METADATA_KEY, "{}"))
            state = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a dict
        try:
            detector = cls(DecisionRule(**facts["rule"]))
            detector.load_state_dict(state)
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{path.name} does not hold a music detector's weights") from error
        return detector.eval().requires_grad_(requires_grad=False)

    def to_file(self, path: Path, facts: Mapping[str, Any]) -> None:
        """Write the weights, with the rule and further facts (for JSON) in the file's header."""
        header = json.dumps({**facts, "rule": asdict(self.rule)})
        path.write_bytes(save(self.state_dict(), metadata={_METADATA_KEY: header}))

    def forward(self, tag_logits: Tensor) -> Tensor:
        """Turn tag logits of shape (n, 50) into log-odds of shape (n, 1)."""
        log_odds: Tensor = self.linear(tag_logits)
        return log_odds
