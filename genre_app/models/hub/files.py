"""The files of a model in a hub repository."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

CONFIG: Final = "config.json"
EXTRACTOR: Final = "preprocessor_config.json"
WEIGHTS: Final = "model.safetensors"
#: Lists the files of split weights.
INDEX: Final = "model.safetensors.index.json"
PICKLE: Final = "pytorch_model.bin"

#: Loading a pickle can run code, so only this model's is used, and only at the commit that the deployer pins. No commit
#: is pinned here, because none could be verified when this was written (without a network).
_PICKLED_MODEL: Final = "mtg-upf/discogs-maest-30s-pw-129e"

_SHARD: Final = re.compile(r"\w[\w.-]*\.safetensors")
_ARCHITECTURES: Final = ("ForAudioClassification", "ForSequenceClassification")


def pickled_revision(model_id: str, maest_revision: str) -> str | None:
    """Return the commit at which a model's pickled weights may be used, if any; see `Settings.maest_revision`."""
    return (maest_revision or None) if model_id == _PICKLED_MODEL else None


def pick_weights(model_id: str, commit: str, present: Collection[str], *, maest_revision: str) -> str | None:
    """Choose the file with the weights, or with their index, among those present.

    Parameters
    ----------
    model_id : str
        ``owner/name``.
    commit : str
        Full commit hash.
    present : collection of str
        Names of the files in the repository, or in a snapshot folder.
    maest_revision : str
        Commit of MAEST whose pickled weights may be used; empty for none.

    Returns
    -------
    str or None
        None if there are no weights that may be loaded.
    """
    is_pickle_allowed = pickled_revision(model_id, maest_revision) == commit
    candidates = (WEIGHTS, INDEX, PICKLE) if is_pickle_allowed else (WEIGHTS, INDEX)
    return next((name for name in candidates if name in present), None)


def shards(index: str) -> tuple[str, ...]:
    """Return the files in an index of split weights.

    Parameters
    ----------
    index : str
        Content of the index file.

    Raises
    ------
    ValueError
        It is not such an index.
    """
    content = json.loads(index)
    try:
        names = tuple(sorted(set(content["weight_map"].values())))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("the index has no map of weights") from error
    if not names or not all(isinstance(name, str) and _SHARD.fullmatch(name) for name in names):
        raise ValueError("the index lists files that are no safetensors")
    return names


def is_audio_classifier(config: Mapping[str, Any]) -> bool:
    """Return whether a configuration is that of an audio classifier.

    Speech models (wav2vec 2.0, HuBERT …) are sequence classifiers, as are text models, which lack the configuration of
    a feature extractor. A configuration without an architecture is accepted.
    """
    architectures = config.get("architectures") or ()
    return not architectures or any(str(name).endswith(_ARCHITECTURES) for name in architectures)
