"""The standard model's card, written from its metrics so that the two cannot disagree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from genre_app.genres import display_name
from tools.training.markdown import rows, with_interval
from tools.training.standard_trials import RELEASED

_TEMPLATE: Final = Path(__file__).with_name("standard_card.template.md")


def render_card(report: Mapping[str, Any]) -> str:
    """Write the model card in Markdown.

    Parameters
    ----------
    report : mapping
        As `tools.training.train_standard.evaluate` makes it, with the tables' figures.
    """
    chosen = dict(report["chosen"])
    name = chosen.pop("name")
    figures = report["candidates"][name]
    confidence, other = report["confidence"], report["confidence"]["on_the_other_half"]
    released = report["released_head_as_it_is"]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        n_audio=report["n_clips"]["with audio"],
        n_other=report["n_clips"]["all"] - report["n_clips"]["with audio"],
        n_rows=report["n_genre_classes"],
        name=name,
        recipe=", ".join(f"`{key}={value}`" for key, value in chosen.items()),
        temperature=report["temperature"],
        split=report["split"],
        n_repeats=len(report["seeds"]),
        n_artists=report["n_artists"],
        accuracy=with_interval(figures["accuracy"]),
        balanced=with_interval(figures["balanced_accuracy"]),
        released=f"{report['candidates'][RELEASED]['accuracy']['value']:.1%}",
        difference=_difference(figures["difference_to_released"]),
        seen=released["all"],
        valid=released["validation_part"],
        n_valid=released["n_validation"],
        ece=figures["calibration"]["ece"],
        pooled=figures["calibration"]["ece_over_all_repeats"],
        in_the_app=report["in_the_app"],
        confident=confidence["confident_from"],
        share=confidence["share"],
        right=confidence["accuracy"],
        other_share=other["share"],
        other_right=other["accuracy"],
        narrow=report["at_8_khz"]["accuracy"],
        same=report["at_8_khz"]["same_answer"],
        candidates=_candidates(report["candidates"]),
        recalls=_recalls(figures["recall"]),
        tables=_tables(report["tables"]),
    )


def _candidates(candidates: Mapping[str, Any]) -> str:
    return rows(
        [
            name,
            f"{one['accuracy']['value']:.1%}",
            f"{one['balanced_accuracy']['value']:.1%}",
            _difference(one["difference_to_released"]),
            f"{one['calibration']['ece_over_all_repeats']:.3f}",
            f"{one['coverage_at_93_percent']:.1%}",
        ]
        for name, one in candidates.items()
    )


def _recalls(recall: Mapping[str, Any]) -> str:
    return rows(
        [
            display_name(genre),
            f"{one['value']:.1%}",
            f"{one['low']:.1%} to {one['high']:.1%}",
            str(one["n"]),
            str(one["n_artists"]),
        ]
        for genre, one in recall.items()
    )


def _tables(tables: Mapping[str, Any]) -> str:
    """Write what `tools.training.standard_tables.describe_tables` found."""
    music, styles, outside = tables["music"], tables["styles"], tables["outside"]
    half, half_styles = music["other_half"], styles["other_half"]
    return f"""\
- Log-odds of music: a piece is refused below {music["music_from"]}, doubted below {music["music_sure_from"]}. Of
  {music["n_music"]} pieces of 3 s or longer {music["refused"]} are refused (lowest: {music["lowest_music"]:.1f});
  of {music["n_short_music"]} snippets of 1 s {music["short_refused"]}. Of {music["n_other"]} other sounds
  {music["named_with_confidence"]} are named a genre with confidence, {music["doubted"]} are doubted.
- With the first threshold chosen on one half of the clips ({" and ".join(map(str, half["thresholds"]))}), on the other
  {half["refused"]} of {half["n_music"]} pieces are refused and {half["passed"]} of {half["n_other"]} other sounds pass.
- A style that is named fits in {styles["named_fit"]:.1%}, the first named in {styles["first_fits"]:.1%};
  {styles["with_a_style"]:.1%} of {styles["n_pieces"]} pieces have one. With thresholds from one half of the pieces, on
  the other: {half_styles["named_fit"]:.1%}, {half_styles["first_fits"]:.1%}, {half_styles["with_a_style"]:.1%}.
- "None of the ten" is said of {outside["gtzan"]:.1%} of GTZAN's clips (which the head has seen),
  {outside["electronic"]} electronic pieces and {outside["orchestral"]} orchestral ones."""


def _difference(one: Mapping[str, float]) -> str:
    errors = f"{100 * one['error_over_repeats']:.1f} over folds, {100 * one['error_over_artists']:.1f} over artists"
    return f"{100 * one['mean']:+.1f} points (standard error {errors})"
