"""The models that the app offers, with author, licence, accuracy and limits."""

import functools
import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from genre_app.models.hub import find_local
from genre_app.settings import Settings
from genre_app.weights import WEIGHTS_FOLDER

Availability = Literal["embedded", "downloaded", "not downloaded"]

_TEN: Final = "the ten genres"
_NOT_MEASURED: Final = "Not measured by us."
_NOT_KNOWN: Final = "Not known: the file with its measurements is missing or damaged."
_VALID: Final = "on the valid part of the fault-filtered GTZAN split, whose artists it never heard"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """Facts about a model for the user who chooses one.

    Attributes
    ----------
    name : str
        Value of the option ``model``.
    title : str
        Name in lists.
    summary : str
        One plain sentence.
    source : str
        Authors.
    licence : str
        Licence of the weights.
    labels : str
        The classes that it distinguishes.
    accuracy : str
        Measured accuracy and its data, or that it is not known.
    limits : str
        Known weaknesses.
    size_mb : float or None
        Size of its files in megabytes (a million bytes); None if unknown.
    is_embedded : bool
        Whether it is part of the app.
    hub_id : str or None
        Its id on the Hugging Face hub; None for embedded models.
    revision : str or None
        The commit to use; None for the newest.
    has_embedding : bool
        Whether it says what tracks sound like: the map, similar tracks, and files that are the same recording.
    """

    name: str
    title: str
    summary: str
    source: str
    licence: str
    labels: str
    accuracy: str
    limits: str
    size_mb: float | None
    is_embedded: bool
    hub_id: str | None = None
    revision: str | None = None
    has_embedding: bool = False


def entry_of(name: str) -> CatalogueEntry | None:
    """Find a model by its name or its id on the hub."""
    return next((entry for entry in catalogue() if name in {entry.name, entry.hub_id}), None)


def title_of(name: str) -> str:
    """Return what a model is called for people: its title, or the name of one that is not in the catalogue."""
    entry = entry_of(name)
    return entry.title if entry else name


def availability(entry: CatalogueEntry, settings: Settings) -> Availability:
    """Return whether a model can answer now; looks at the disk only, never at the network."""
    if entry.is_embedded:
        return "embedded"
    if entry.hub_id and find_local(entry.hub_id, entry.revision, maest_revision=settings.maest_revision):
        return "downloaded"
    return "not downloaded"


def _accuracy(stem: str, *, part: str | None = None, split: str | None = None) -> str:
    """Describe the accuracy in a model's metrics file, with its interval and split.

    Parameters
    ----------
    stem : str
        Name of the metrics file, without its extensions.
    part : str or None
        Part of the file that holds the accuracy; None for the top level.
    split : str or None
        Data that it was measured on; by default the split that the file names.

    Returns
    -------
    str
        `_NOT_KNOWN` where the file cannot be read: a model must not depend on its description.
    """
    try:
        metrics: Any = json.loads((WEIGHTS_FOLDER / f"{stem}.metrics.json").read_text(encoding="utf-8"))
        accuracy = (metrics[part] if part else _chosen(metrics))["accuracy"]
        value, low, high = (f"{100 * accuracy[key]:.1f}" for key in ("value", "low", "high"))
        measured_on = split or f"in {metrics['split']}"
        return f"{value} % (95 % interval {low} to {high}) of {accuracy['n']} clips, {measured_on}."
    except (OSError, ValueError, LookupError, TypeError):
        return _NOT_KNOWN


def _chosen(metrics: dict[str, Any]) -> Any:
    """Return the figures of the recipe that was chosen, if the file holds those of several candidates."""
    return metrics["candidates"][metrics["chosen"]["name"]] if "chosen" in metrics else metrics


def _size_mb(*stems: str) -> float:
    sizes = [file.stat().st_size for stem in stems if (file := WEIGHTS_FOLDER / f"{stem}.safetensors").is_file()]
    return round(sum(sizes) / 1e6, 2)


def _standard() -> CatalogueEntry:
    return CatalogueEntry(
        name="standard",
        title="Standard (MusiCNN and YAMNet)",
        summary="Two networks in one pass: genre, styles, moods and instruments, and whether it is music at all.",
        source="Music Technology Group, Universitat Pompeu Fabra (MusiCNN, Million Song Dataset); Google (YAMNet, "
        "AudioSet); heads by this app.",
        licence="ISC (MusiCNN), Apache-2.0 (YAMNet), MIT (heads)",
        labels=_TEN,
        accuracy=_accuracy("standard"),
        limits="Six of the ten genres had few clips with audio to learn from; weakest at blues and rock.",
        size_mb=_size_mb("musicnn_msd", "yamnet", "standard", "similarity"),
        is_embedded=True,
        has_embedding=True,
    )


def _musicnn() -> CatalogueEntry:
    return CatalogueEntry(
        name="musicnn",
        title="MusiCNN",
        summary="The light choice: reads the genre from fifty musical properties; notices when it is not music.",
        source="Music Technology Group, Universitat Pompeu Fabra (Million Song Dataset); ten-genre head by this app.",
        licence="ISC (weights), MIT (head)",
        labels=_TEN,
        accuracy=_accuracy("musicnn_head"),
        limits="Western popular music up to about 2010; weakest at blues and rock.",
        size_mb=_size_mb("musicnn_msd", "musicnn_head", "musicnn_verdict"),
        is_embedded=True,
        has_embedding=True,
    )


def _cnn() -> CatalogueEntry:
    return CatalogueEntry(
        name="cnn",
        title="Small CNN",
        summary="A small network that learned the ten genres from spectrograms alone.",
        source="Trained for this app.",
        licence="MIT",
        labels=_TEN,
        accuracy=_accuracy("cnn", part="valid", split=_VALID),
        limits="Learned from 442 clips; weakest at country and rock; cannot tell whether something is music.",
        size_mb=_size_mb("cnn"),
        is_embedded=True,
    )


def _features() -> CatalogueEntry:
    return CatalogueEntry(
        name="features",
        title="Features that explain themselves",
        summary="Measures tempo, harmony and timbre, and says which of them spoke for the answer.",
        source="Trained for this app; the measurements are librosa's.",
        licence="MIT",
        labels=_TEN,
        accuracy=_accuracy("features", split=_VALID),
        limits="The least accurate of the embedded ones, worst at blues; cannot tell whether something is music.",
        size_mb=_size_mb("features"),
        is_embedded=True,
        has_embedding=True,
    )


def _tags() -> CatalogueEntry:
    return CatalogueEntry(
        name="tags",
        title="MusiCNN's tags",
        summary="Names styles, moods, instruments and voices, several at once, and no single genre.",
        source="Music Technology Group, Universitat Pompeu Fabra (Million Song Dataset and MagnaTagATune).",
        licence="ISC",
        labels="92 tags: 50 by listeners of Last.fm, 50 of the MagnaTagATune game, 8 of them in both",
        accuracy=_NOT_MEASURED,
        limits="Tags are what listeners wrote, not musicology; each score stands alone, and they do not sum to 100 %.",
        size_mb=_size_mb("musicnn_msd", "musicnn_mtt"),
        is_embedded=True,
    )


# The facts about these two come from their pages and from public code that uses them; the hub could not be reached when
# this was written. They have no revision because no public source names one of their commits.
_STORYLINEZ: Final = CatalogueEntry(
    name="storylinez/audio-genre-classifier",
    title="storylinez genre classifier",
    summary="A model from Hugging Face for the same ten genres.",
    source="storylinez, on Hugging Face.",
    licence="Not known to us: see its page on Hugging Face",
    labels=_TEN,
    accuracy=_NOT_MEASURED,
    limits="Others found no loadable files in its repository in October 2025; then the download says so.",
    size_mb=None,
    is_embedded=False,
    hub_id="storylinez/audio-genre-classifier",
)
_MAEST: Final = CatalogueEntry(
    name="maest",
    title="MAEST (Discogs)",
    summary="A large transformer that hears 30 s at a time; trained on recordings that Discogs sorts into 400 styles.",
    source="Music Technology Group, Universitat Pompeu Fabra (Alonso-Jiménez et al., ISMIR 2023), on Hugging Face.",
    licence="CC BY-NC-SA 4.0: not for commercial use",
    labels="400 Discogs styles, rolled up to the ten genres",
    accuracy="Not measured by us after the roll-up.",
    limits="Slow without a GPU; of the 400 styles 167 are none of the ten genres and count as 'other'.",
    size_mb=347.4,  # 86,858,128 weights of 4 bytes
    is_embedded=False,
    hub_id="mtg-upf/discogs-maest-30s-pw-129e",
)


@functools.cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return all models in display order, the default first; the metrics files are read once, by the first call."""
    return (_standard(), _musicnn(), _cnn(), _features(), _tags(), _STORYLINEZ, _MAEST)
