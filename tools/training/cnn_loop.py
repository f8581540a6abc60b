"""The training loop of the CNN."""

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from genre_app.genres import GENRES
from genre_app.models.cnn.network import EMBEDDING_SIZE, GenreCNN, relative_db
from genre_app.models.musicnn.genre_head import MSD_TAGS
from tools.training.augmentation import Augmenter
from tools.training.spectrograms import Spectrograms, TrainingData

_WARM_UP: Final = 0.1
_MAX_GRADIENT: Final = 5.0
_SCORING_BATCH: Final = 16


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hyperparameters of the training.

    Attributes
    ----------
    epochs : int
        Fixed, without early stopping. An epoch draws as many crops as there are clips.
    batch : int
        Crops in a step.
    peak_rate : float
        Highest learning rate of AdamW, reached after a tenth of the steps; then a cosine to 0.
    weight_decay : float
        For the kernels only.
    tag_weight : float
        Weight of the tags' squared error relative to the genres' cross-entropy.
    mixup : float
        Both parameters of the beta distribution of the mixing share.
    label_smoothing : float
        Probability spread over all genres.
    dropout : float
        For the embedding.
    average_decay : float
        Decay of the moving average of the weights, which is the result.
    artist_power : float
        An artist with k clips is drawn ``k ** artist_power`` times as often as one with a single clip.
    """

    epochs: int = 80
    batch: int = 32
    peak_rate: float = 3e-3
    weight_decay: float = 0.05
    tag_weight: float = 1.0
    mixup: float = 0.3
    label_smoothing: float = 0.1
    dropout: float = 0.4
    average_decay: float = 0.995
    artist_power: float = 0.5


class _Student(nn.Module):
    """The network with a second output for the tags, which is used in training only."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.network = GenreCNN(GENRES)
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(EMBEDDING_SIZE, len(MSD_TAGS))

    def forward(self, relative: Tensor) -> tuple[Tensor, Tensor]:
        """Turn dB of shape (n, 128, frames) into genre logits of shape (n, 10) and tags of shape (n, 50)."""
        embedding = self.dropout(self.network.embed(relative))
        return self.network.genres(embedding), self.tags(embedding)


def train_network(schedule: Schedule, training: TrainingData, clips: NDArray[np.int64], *, seed: int) -> GenreCNN:
    """Train on the given clips.

    Parameters
    ----------
    schedule : Schedule
    training : TrainingData
    clips : ndarray
        Indices of the clips to train on.
    seed : int
        Seed of all random numbers.

    Returns
    -------
    GenreCNN
        Uncalibrated, ready for inference.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    student = _Student(schedule.dropout).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(student.network)
    augmenter = Augmenter(training, mixup=schedule.mixup, label_smoothing=schedule.label_smoothing, random=random)
    optimiser = _optimiser(student, schedule)
    steps_per_epoch = max(1, len(clips) // schedule.batch)
    n_steps = steps_per_epoch * schedule.epochs
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, schedule.peak_rate, total_steps=n_steps, pct_start=_WARM_UP)
    weights = draw_weights(training, clips, artist_power=schedule.artist_power)
    for step in tqdm(range(n_steps), desc="steps", disable=None):
        drawn = random.choice(len(weights), schedule.batch, p=weights)
        _train_step(student, augmenter, drawn, optimiser, schedule.tag_weight)
        rates.step()
        _update_average(average, student.network, min(schedule.average_decay, (1 + step) / (10 + step)))
    return average.to(memory_format=torch.contiguous_format).eval().requires_grad_(requires_grad=False)  # type: ignore[no-any-return]


def _optimiser(student: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    """Return AdamW with weight decay for kernels, but not for biases and batch norms."""
    kernels = [value for value in student.parameters() if value.ndim > 1]
    others = [value for value in student.parameters() if value.ndim == 1]
    groups = [{"params": kernels, "weight_decay": schedule.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.peak_rate)


def _train_step(
    student: _Student,
    augmenter: Augmenter,
    clips: NDArray[np.int64],
    optimiser: torch.optim.Optimizer,
    tag_weight: float,
) -> None:
    """Take one step."""
    batch = augmenter.batch(clips)
    with torch.autocast("cpu", torch.bfloat16):  # three times as fast where the processor has bfloat16 tiles
        genres, tags = student(batch.relative)
    loss = functional.cross_entropy(genres.float(), batch.genres)
    loss = loss + tag_weight * functional.mse_loss(tags.float(), batch.tags)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(student.parameters(), _MAX_GRADIENT)
    optimiser.step()


@torch.no_grad()
def _update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Update the moving average of the network's weights and batch statistics."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1.0 - decay)


def draw_weights(training: TrainingData, clips: NDArray[np.int64], *, artist_power: float) -> NDArray[np.float64]:
    """Return the probability of drawing each clip: equal for all genres, and less than proportional for artists.

    Returns
    -------
    ndarray, shape (n,)
        0 for other clips.
    """
    genre, group = training.spectrograms.genre, training.group
    weight = np.zeros(len(genre))
    clips_of_artist = np.bincount(group[clips], minlength=int(group.max()) + 1)
    weight[clips] = clips_of_artist[group[clips]] ** (artist_power - 1.0)
    of_genre = np.bincount(genre, weights=weight)
    weight[clips] /= of_genre[genre[clips]]
    total: NDArray[np.float64] = weight / weight.sum()
    return total


@torch.inference_mode()
def clip_logits(network: GenreCNN, spectrograms: Spectrograms) -> NDArray[np.float64]:
    """Return the mean logits over each clip's patches, as in the app; shape (n, 10)."""
    rows = []
    for patches in torch.split(spectrograms.patches(), _SCORING_BATCH):
        logits = network(relative_db(patches.flatten(0, 1)))
        rows.append(logits.view(*patches.shape[:2], -1).mean(dim=1))
    return torch.cat(rows).double().numpy()
