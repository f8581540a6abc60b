from pathlib import Path

import numpy as np
import pytest

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS
from tests.paths import SHARED
from tools.training.gtzan import TagClips, read_train

_ARTISTS_PER_GENRE = 6
_CLIPS_PER_ARTIST = 2
_PATCHES_PER_CLIP = 7
_GTZAN = SHARED / "gtzan"


@pytest.fixture(scope="session")
def clips() -> TagClips:
    """Synthetic clips: each genre raises one tag, with noise for clips and patches."""
    random = np.random.default_rng(0)
    genre = np.repeat(np.arange(len(GENRES)), _ARTISTS_PER_GENRE * _CLIPS_PER_ARTIST)
    of_genre = np.eye(len(GENRES), len(MSD_TAGS)) * 2.0 - 5.0
    of_clip = of_genre[genre] + random.normal(size=(len(genre), len(MSD_TAGS)))
    clip_of_patch = np.repeat(np.arange(len(genre)), _PATCHES_PER_CLIP)
    noise = random.normal(size=(len(clip_of_patch), len(MSD_TAGS)))
    return TagClips(
        clips=tuple(f"{GENRES[index]}.{number:05}" for number, index in enumerate(genre)),
        genre=genre,
        group=np.repeat(np.arange(len(GENRES) * _ARTISTS_PER_GENRE), _CLIPS_PER_ARTIST),
        tag_logits=of_clip[clip_of_patch] + noise,
        clip_of_patch=clip_of_patch,
    )


@pytest.fixture(scope="session")
def gtzan_folder() -> Path:
    """Folder of the real training data; a test that uses it carries the marker ``shared``."""
    if not _GTZAN.is_dir():
        pytest.skip(f"{_GTZAN} is not here")
    return _GTZAN


@pytest.fixture(scope="session")
def real_clips(gtzan_folder: Path) -> TagClips:
    return read_train(gtzan_folder)
