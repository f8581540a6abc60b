"""What `scripts/gpu-check` measures with: a four-minute track of the examples, and a wav2vec2 of random weights."""

import sys
from pathlib import Path
from typing import Final

import numpy as np
import torch
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification

from genre_app.audio import load_audio
from genre_app.examples import EXAMPLES
from genre_app.genres import GENRES
from tools.compose_examples.encoding import write_mp3
from tools.compose_examples.synthesis import RATE_HZ

_SECONDS: Final = 240


def main(folder: Path) -> None:
    """Write ``track.mp3`` and the model's folder ``wav2vec2``."""
    joined = np.concatenate([load_audio(example.path, RATE_HZ) for example in EXAMPLES])
    samples = np.resize(joined, _SECONDS * RATE_HZ)
    write_mp3(folder / "track.mp3", np.stack([samples, samples]), kbit_per_s=192)
    torch.manual_seed(0)
    labels = dict(enumerate(GENRES))
    config = Wav2Vec2Config(num_labels=len(labels), id2label=labels, label2id={name: i for i, name in labels.items()})
    Wav2Vec2ForSequenceClassification(config).save_pretrained(folder / "wav2vec2")
    Wav2Vec2FeatureExtractor().save_pretrained(folder / "wav2vec2")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
