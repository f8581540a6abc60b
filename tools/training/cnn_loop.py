"""Train the CNN on some of the clips."""

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
from tools.training.spectrograms import Lessons, Spectrograms

_WARM_UP: Final = 0.1
_MAX_GRADIENT: Final = 5.0
_SCORING_BATCH: Final = 16


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the CNN is trained.

    Attributes
    ----------
    epochs : int
        Fixed in advance: nothing is stopped early. An epoch draws as many crops as there are clips.
    batch : int
        Crops in a step.
    peak_rate : float
        Highest learning rate of AdamW: after a tenth of the steps, then down to 0 along a cosine.
    weight_decay : float
        Of the kernels.
    tag_weight : float
        Weight of the tags' squared error beside the genres' cross-entropy.
    mixup : float
        Both parameters of the beta distribution of the mixing share.
    label_smoothing : float
        Probability that is spread over all genres.
    dropout : float
        Share of the embedding that is hidden.
    average_decay : float
        Of the moving average of the weights, which is the result.
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
    """The network with a second output, the tags, which only training has."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.network = GenreCNN(GENRES)
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(EMBEDDING_SIZE, len(MSD_TAGS))

    def forward(self, relative: Tensor) -> tuple[Tensor, Tensor]:
        """Turn dB of shape (n, 128, frames) into genre logits of shape (n, 10) and tags of shape (n, 50)."""
        embedding = self.dropout(self.network.embed(relative))
        return self.network.genres(embedding), self.tags(embedding)


def train_network(schedule: Schedule, lessons: Lessons, clips: NDArray[np.int64], *, seed: int) -> GenreCNN:
    """Train on some of the clips.

    Parameters
    ----------
    schedule : Schedule
    lessons : Lessons
    clips : ndarray
        Indices of the clips to train on.
    seed : int
        Of everything that is drawn.

    Returns
    -------
    GenreCNN
        Uncalibrated, ready for inference.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    student = _Student(schedule.dropout).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(student.network)
    augmenter = Augmenter(lessons, mixup=schedule.mixup, label_smoothing=schedule.label_smoothing, random=random)
    optimiser = _optimiser(student, schedule)
    steps_per_epoch = max(1, len(clips) // schedule.batch)
    n_steps = steps_per_epoch * schedule.epochs
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, schedule.peak_rate, total_steps=n_steps, pct_start=_WARM_UP)
    weights = draw_weights(lessons, clips, artist_power=schedule.artist_power)
    for step in tqdm(range(n_steps), desc="steps", disable=None):
        drawn = random.choice(len(weights), schedule.batch, p=weights)
        _learn(student, augmenter, drawn, optimiser, schedule.tag_weight)
        rates.step()
        _follow(average, student.network, min(schedule.average_decay, (1 + step) / (10 + step)))
    return average.to(memory_format=torch.contiguous_format).eval().requires_grad_(requires_grad=False)  # type: ignore[no-any-return]


def _optimiser(student: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    """Return AdamW that pulls kernels towards zero but neither biases nor batch norms."""
    kernels = [value for value in student.parameters() if value.ndim > 1]
    others = [value for value in student.parameters() if value.ndim == 1]
    groups = [{"params": kernels, "weight_decay": schedule.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.peak_rate)


def _learn(
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
def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the average's weights and batch statistics towards the network's."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1.0 - decay)


def draw_weights(lessons: Lessons, clips: NDArray[np.int64], *, artist_power: float) -> NDArray[np.float64]:
    """Return the probability of drawing each clip: the genres alike, an artist with many clips less than in proportion.

    Returns
    -------
    ndarray, shape (n,)
        0 for clips that are not trained on.
    """
    genre, group = lessons.spectrograms.genre, lessons.group
    weight = np.zeros(len(genre))
    clips_of_artist = np.bincount(group[clips], minlength=int(group.max()) + 1)
    weight[clips] = clips_of_artist[group[clips]] ** (artist_power - 1.0)
    of_genre = np.bincount(genre, weights=weight)
    weight[clips] /= of_genre[genre[clips]]
    total: NDArray[np.float64] = weight / weight.sum()
    return total


@torch.inference_mode()
def clip_logits(network: GenreCNN, spectrograms: Spectrograms) -> NDArray[np.float64]:
    """Score clips as the app does: the mean over a clip's patches; shape (n, 10)."""
    rows = []
    for patches in torch.split(spectrograms.patches(), _SCORING_BATCH):
        logits = network(relative_db(patches.flatten(0, 1)))
        rows.append(logits.view(*patches.shape[:2], -1).mean(dim=1))
    return torch.cat(rows).double().numpy()
