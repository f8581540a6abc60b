"""The CNN's model card, generated from its metrics."""

from collections.abc import Mapping
from typing import Any, Final

from genre_app.genres import display_name
from tools.training.markdown import rows, with_interval

_TEMPLATE: Final = """# A small CNN of our own

From 10 s of log-mel spectrogram to ten genre logits: a strided stem, four 3 by 3 convolutions with pooling, one
convolution over all bands, mean and maximum over time, one linear layer; {n_parameters:,} weights. A window's scores
are the mean of its moments' (`genre_app.results.moments`), one every 5 s.

This card and `cnn.metrics.json` are written by the run of
`python -m tools.training.train_cnn` that trained the network.

## Source and licence
- Trained from scratch on the log-mels of {n_train} clips of the fault-filtered GTZAN train part (Kereliuk, Sturm &
  Larsen 2015; jazz.00054 has no spectrogram). Spectrograms: a repository under the MIT licence. Artists: Sturm's index.
  GTZAN's audio has no redistribution licence; neither audio nor derived data is in this repository.
- A second output, which only training has, learns MusiCNN's tag log-odds of the same seconds
  (jordipons/sklearn-audio-transfer-learning, ISC). So the CNN has learned indirectly from the Million Song Dataset.
- The weights: MIT, like the app.

## Front end
22,050 Hz, transforms of 2048 samples, a frame every 916 samples (41.5 ms; the training data keep 723 of a 30 s clip's
1293 frames), 128 Slaney bands to 11,025 Hz, dB below the loudest cell of the *patch*, cut at 70 dB. Training crops are
normalised the same way, so the level of a recording does not matter.

## Training
{schedule}

Crops of 8.5 to 11.8 s played at the speed that makes them 10 s, up to 3 bands higher or lower; smooth random equaliser
curves; a low-pass above a random band in three of ten; mixup; SpecAugment. Genres are drawn alike, an artist with k
clips as often as sqrt(k). The result is a moving average of the weights of the whole run: nothing was stopped early.

## Figures
**Accuracy on the valid part {accuracy}**, of {n_valid} clips
of the fault-filtered split, whose artists are not in the train part.
In artist-grouped {n_folds}-fold cross-validation inside the train part, by networks trained for
{fold_epochs} epochs on fewer artists: {folds_accuracy}.

The temperature ({temperature:.3f}) and the least score of a confident answer ({confident_from:.0%}) come from the folds
alone. On the valid part the expected calibration error ({n_bins} bins) is {ece_before:.3f} before and
{ece_after:.3f} after, where perfect calibration would read {ece_by_chance:.3f} by chance on so few clips; the mean
confidence is {confidence:.1%}. Confident answers are {confident_share:.1%} of all, and
{confident_accuracy} of them are right.

| genre | recall on valid | 95 % interval | n | recall in the folds |
|---|---|---|---|---|
{recalls}

Confusion on valid (rows: the right genre):

| |{confusion_head} |
|---|{confusion_rule}|
{confusion}

| confidence at least | share of valid | accuracy |
|---|---|---|
{selective}

## Beside the MusiCNN head
On the {n_fused} train clips, by models that do not know their artists: head {head_accuracy:.1%},
CNN {cnn_accuracy:.1%}. The mean of both models' calibrated logits against the head alone:

| share of the CNN | accuracy | difference to the head | log-likelihood loss (head: {head_nll:.3f}) |
|---|---|---|---|
{fusion}

The networks of the folds are trained for fewer epochs and both models on fewer clips, so this understates the CNN, and
both, a little. Nothing of the app averages the two.

## Limits
- The recipe was set up by hand and not tuned. Two trial runs of it were looked at on the valid part: one of 100 epochs
  every 20 epochs (57.9, 68.5, 74.6, 71.1, 70.1 %), one of 50 epochs on four fifths of the clips (66.5 % at its end).
  After that, 80 epochs were fixed, to save time. So single figures on those 197 clips move by several points by chance,
  and this one may be a little optimistic. The test clips, which are withheld, were not used.
- The spectrograms that it learned from are 1.6 to 2.4 dB off those of real audio on average.
- It has no notion of "not music": speech, noise and silence get a genre too, and not always a doubtful one: reading
  aloud is hip-hop with near certainty. Use `musicnn` where that matters.
- Five real recordings, tried by hand with the weights of seed 0: metal twice, orchestral and a jazz trumpet are right
  and clear; the jazz piece Vibe Ace is a near tie of jazz, reggae and blues. That is no measurement.
- GTZAN: 30-second excerpts of mostly Western recordings from before 2001 in ten coarse genres, some mislabelled or
  disputable.
"""


def render_card(report: Mapping[str, Any]) -> str:
    """Write the model card in Markdown.

    Parameters
    ----------
    report : mapping
        From `tools.training.train_cnn.train_cnn`.
    """
    valid, folds, fusion = report["valid"], report["folds"], report["fusion"]
    confident = valid["confident"]
    return _TEMPLATE.format(
        n_parameters=report["n_parameters"],
        n_train=report["n_train"],
        schedule=", ".join(f"`{key}={value}`" for key, value in {**report["schedule"], "seed": report["seed"]}.items()),
        accuracy=with_interval(valid["accuracy"]),
        n_valid=valid["n_clips"],
        n_folds=folds["n"],
        fold_epochs=folds["epochs"],
        folds_accuracy=with_interval(folds["accuracy"]),
        temperature=report["temperature"],
        confident_from=report["rule"]["confident_from"],
        n_bins=valid["calibration"]["n_bins"],
        ece_by_chance=report["ece_by_chance_on_valid"],
        ece_before=valid["calibration"]["ece_before"],
        ece_after=valid["calibration"]["ece_after"],
        confidence=valid["calibration"]["mean_confidence_after"],
        confident_share=confident["share"]["value"],
        confident_accuracy=_percent(confident["accuracy"]["value"]),
        n_fused=fusion["n_clips"],
        head_accuracy=fusion["head_accuracy"],
        cnn_accuracy=fusion["cnn_accuracy"],
        head_nll=fusion["head_nll"],
        **_tables(report),
    )


def _tables(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the rows of each table."""
    valid, in_folds = report["valid"], report["folds"]["recall"]
    names = [display_name(genre) for genre in report["labels"]]
    return {
        "recalls": rows(
            [
                display_name(genre),
                _percent(one["value"]),
                f"{_percent(one['low'])} to {_percent(one['high'])}",
                str(one["n"]),
                _percent(in_folds[genre]["value"]),
            ]
            for genre, one in valid["recall"].items()
        ),
        "confusion_head": "".join(f" | {name}" for name in names).removeprefix(" |"),
        "confusion_rule": "|".join("---" for _ in names),
        "confusion": rows(
            [name, *(str(count) for count in row)] for name, row in zip(names, valid["confusion"], strict=True)
        ),
        "selective": rows(
            [f"{one['threshold']:.0%}", _percent(one["share"]["value"]), _percent(one["accuracy"]["value"])]
            for one in valid["above_confidence"]
        ),
        "fusion": rows(
            [
                f"{row['cnn_share']:.0%}",
                _percent(row["accuracy"]),
                _difference(row["difference_to_head"]),
                f"{row['nll']:.3f}",
            ]
            for row in report["fusion"]["means_of_logits"]
        ),
    }


def _percent(value: float | None) -> str:
    """Write a share; a dash where nothing was counted."""
    return "-" if value is None else f"{value:.1%}"


def _difference(one: Mapping[str, float]) -> str:
    """Write a difference with its two standard errors, in percentage points."""
    errors = f"{100 * one['error_over_clips']:.1f} over clips, {100 * one['error_over_artists']:.1f} over artists"
    return f"{100 * one['mean']:+.1f} points (standard error {errors})"
