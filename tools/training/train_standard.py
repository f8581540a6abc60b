"""Train the standard model's genre head on tags and embedding, and write what it is worth.

``python -m tools.training.train_standard --shared ../shared --output genre_app/weights``

Needs ``yamnet.safetensors`` and ``musicnn_head.safetensors`` in the output folder. Takes some minutes; most of them go
into the spectrograms of the clips whose audio can't be had.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import torch
from threadpoolctl import threadpool_limits

from genre_app.genres import GENRES
from genre_app.models.musicnn.genre_head import MSD_TAGS, GenreHead
from genre_app.models.standard.genre_head import N_FEATURES, StandardHead
from genre_app.models.standard.groups import GENRE_CLASSES, Reference
from genre_app.models.yamnet.network import Yamnet
from tools.training import gtzan
from tools.training.band_limit import read_band_limit
from tools.training.gtzan import TagClips
from tools.training.patch_clips import PatchClips, read_patch_clips
from tools.training.regression import LinearModel
from tools.training.standard_card import render_card
from tools.training.standard_data import AUDIO_FILE, StandardClips, input_digests, read_clips
from tools.training.standard_moments import describe_moments, patch_features
from tools.training.standard_recipes import CANDIDATES, CHOSEN, Networks, train
from tools.training.standard_reference import measure_reference
from tools.training.standard_report import SPLIT, describe
from tools.training.standard_tables import RealSounds, describe_tables, read_real_sounds
from tools.training.standard_trials import run_trials

NAME: Final = "standard"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the training reads.

    Attributes
    ----------
    data : StandardClips
    released : TagClips
        What the released head was trained on.
    network : Yamnet
    networks : Networks
        What recipes need of it, and of the telephone.
    gtzan_audio : PatchClips
        The clips with audio, patch by patch.
    sounds : RealSounds
        Other music, against which styles are standardised, and other sounds.
    digests : mapping of str to str
        SHA-256 of the files.
    """

    data: StandardClips
    released: TagClips
    network: Yamnet
    networks: Networks
    gtzan_audio: PatchClips
    sounds: RealSounds
    digests: Mapping[str, str]


@click.command(help=__doc__)
@click.option("--shared", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("../shared"))
@click.option("--output", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--repeats", type=click.IntRange(1), default=5, show_default=True, help="Splits into folds.")
def main(shared: Path, output: Path, repeats: int) -> None:
    """Run the command line."""
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):  # one thread is reproducible
        inputs = read_inputs(shared, output)
        report = evaluate(inputs, range(repeats))
        report["released_head_as_it_is"] = score_released(inputs.data, output)
        write(inputs, report, output)
    click.echo(json.dumps({"accuracy": report["candidates"][CHOSEN]["accuracy"], **report["confidence"]}, indent=2))


def read_inputs(shared: Path, output: Path) -> Inputs:
    """Read the training data, and YAMNet from the folder of the weights."""
    network = Yamnet.from_file(output / "yamnet.safetensors")
    rows = network.classifier.weight.detach().double().numpy()[list(GENRE_CLASSES)].T
    return Inputs(
        data=read_clips(shared / "gtzan", network),
        released=gtzan.read_train(shared / "gtzan"),
        network=network,
        networks=Networks(rows, read_band_limit()),
        gtzan_audio=read_patch_clips(shared / "gtzan" / AUDIO_FILE),
        sounds=read_real_sounds(shared / "real_sounds" / "features.npz"),
        digests=input_digests(shared / "gtzan"),
    )


def evaluate(inputs: Inputs, seeds: Sequence[int]) -> dict[str, Any]:
    """Compare the candidates and return the figures of all."""
    data = inputs.data
    logits, limited = run_trials(CANDIDATES, data, inputs.released, inputs.networks, seeds)
    figures = describe(logits, data, seeds)
    temperature = figures[CHOSEN]["calibration"]["temperature"]
    features = patch_features(inputs.gtzan_audio, inputs.network)
    in_the_app = describe_moments(data, features, inputs.networks, temperature=temperature, seeds=seeds)
    truth = data.genre[data.has_audio]
    return {
        "model": NAME,
        "split": SPLIT,
        "n_clips": {"with audio": int(data.has_audio.sum()), "all": len(data.clips)},
        "n_genre_classes": len(GENRE_CLASSES),
        "n_artists": len(np.unique(data.group[data.has_audio])),
        "seeds": list(seeds),
        "labels": list(GENRES),
        "chosen": {"name": CHOSEN, **asdict(CANDIDATES[CHOSEN])},
        "temperature": temperature,
        "confidence": in_the_app.pop("confidence"),
        "in_the_app": in_the_app,
        "at_8_khz": {
            "accuracy": float((limited.argmax(axis=2) == truth).mean()),
            "same_answer": float((limited.argmax(axis=2) == logits[CHOSEN].argmax(axis=2)).mean()),
        },
        "candidates": figures,
        "data_sha256": dict(inputs.digests),
    }


def score_released(data: StandardClips, weights: Path) -> dict[str, float]:
    """Return the accuracy of the released head itself, which has seen the clips of the train part."""
    head = GenreHead.from_file(weights / "musicnn_head.safetensors")
    predicted = head(torch.from_numpy(data.tags).float()).argmax(dim=1).numpy()
    right = predicted == data.genre
    return {
        "all": float(right[data.has_audio].mean()),
        "validation_part": float(right[data.has_audio & data.is_valid].mean()),
        "n_validation": int((data.has_audio & data.is_valid).sum()),
    }


def write(inputs: Inputs, report: dict[str, Any], output: Path) -> None:
    """Train the chosen recipe on all clips, and write weights, metrics and model card."""
    data = inputs.data
    everyone = np.arange(len(data.clips))
    model = train(CANDIDATES[CHOSEN], data, data.complete(everyone), everyone, inputs.networks)
    other = inputs.sounds.clips.chosen(inputs.sounds.is_music)
    reference = measure_reference(data, other.mean_tags(), other.mean_embedding(inputs.network), inputs.network)
    export(model, report, reference, output / f"{NAME}.safetensors")
    genre = data.genre[data.has_audio]
    report["tables"] = describe_tables(output, inputs.sounds, inputs.gtzan_audio, genre)
    (output / f"{NAME}.metrics.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (output / f"{NAME}.md").write_text(render_card(report), encoding="utf-8")


def export(model: LinearModel, report: Mapping[str, Any], reference: Reference, path: Path) -> None:
    """Write a trained model as a `StandardHead` and check that the file gives the same logits when read back."""
    head = StandardHead(GENRES)
    temperature = float(report["temperature"])
    with torch.no_grad():
        head.linear.weight.copy_(torch.from_numpy(model.weights.T))
        head.linear.bias.copy_(torch.from_numpy(model.bias))
        head.get_buffer("temperature").fill_(temperature)
    facts = {name: report[name] for name in ("chosen", "seeds", "data_sha256", "temperature", "confidence")}
    head.to_file(path, facts, reference.tensors())
    probe = np.random.default_rng(0).normal(size=(16, N_FEATURES))
    both = torch.from_numpy(probe).float()
    tags, embedding = both[:, : len(MSD_TAGS)], both[:, len(MSD_TAGS) :]
    np.testing.assert_allclose(
        StandardHead.from_file(path)(tags, embedding).numpy(), model.logits(probe) / temperature, atol=1e-2
    )


if __name__ == "__main__":
    main()
