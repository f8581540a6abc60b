"""The figures of an evaluation as text."""

from typing import Any

from genre_app.evaluate.summary import SHORT_S
from genre_app.formatting import percent


def describe(report: dict[str, Any]) -> str:
    """Write the figures of `genre_app.evaluate.summary.summarise` as text, without what there are no recordings for."""
    if not report["n_analysed"]:
        return "No file could be classified."
    lines = [
        f"files               {report['n_analysed']} analysed, {report['n_failed']} failed",
        f"speed               {report['x_realtime']:.0f} times real time",
        *(_genres(report) if report["n"] else []),
        *(_refused(report["music_refused"]) if report["music_refused"]["all"]["n"] else []),
        *(_other_sounds(report["other_sounds"]) if report["other_sounds"]["n"] else []),
        *(_styles(report["styles"]) if report["styles"]["n"] else []),
        *(_confusion(report) if report["n"] else []),
    ]
    return "\n".join(lines)


def _genres(report: dict[str, Any]) -> list[str]:
    right = _with_interval(report["confident_accuracy"], report["confident_accuracy_interval"])
    return [
        f"accuracy            {_with_interval(report['accuracy'], report['accuracy_interval'])} "
        f"of {report['n']} files with a genre",
        f"calibration error   {report['ece']:.3f}",
        f"confident           {_with_interval(report['confident_share'], report['confident_share_interval'])} "
        f"of them, right in {right}",
        f"verdicts            {_kinds(report['verdicts'])}",
    ]


def _refused(refused: dict[str, Any]) -> list[str]:
    line = f"music refused       {_share(refused['all'])} of {refused['all']['n']} pieces"
    if 0 < refused["long"]["n"] < refused["all"]["n"]:
        line += f"; {_share(refused['long'])} of the {refused['long']['n']} of {SHORT_S:.0f} s or longer"
    return [line]


def _other_sounds(sounds: dict[str, Any]) -> list[str]:
    lines = [
        f"other sounds        {_share(sounds['confident'])} of {sounds['n']} taken for a genre with confidence",
        f"  verdicts          {_kinds(sounds['verdicts'])}",
    ]
    if sounds["named"]["n"]:
        lines.append(
            f"  named             {_share(sounds['named'])} of {sounds['named']['n']} with a word of the model"
        )
    if sounds["unknown_words"]:
        lines.append(f"  not words of it   {', '.join(sounds['unknown_words'])}")
    return lines


def _styles(styles: dict[str, Any]) -> list[str]:
    lines = [f"styles              {styles['n']} pieces: {_kinds(styles['verdicts'])}"]
    if styles["precision"]["n"]:
        lines.append(f"  named are right   {_share(styles['precision'])} of {styles['precision']['n']} names")
    if styles["recall_at_1"]["n"]:
        lines.append(f"  likeliest right   {_share(styles['recall_at_1'])} of {styles['recall_at_1']['n']} pieces")
    if styles["unknown_styles"]:
        lines.append(f"  not styles of it  {', '.join(styles['unknown_styles'])}")
    return lines


def _confusion(report: dict[str, Any]) -> list[str]:
    lines = ["", "right genre   recall  answers: " + " ".join(f"{label[:5]:>5}" for label in report["labels"])]
    for label, row in zip(report["labels"], report["confusion"], strict=True):
        recall = report["recall"][label]
        lines.append(
            f"{label:12}  {'-' if recall is None else percent(recall):>6}           "
            + " ".join(f"{count or '.':>5}" for count in row)
        )
    return lines


def _kinds(counts: dict[str, int]) -> str:
    return ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in counts.items())


def _share(share: dict[str, Any]) -> str:
    return _with_interval(share["value"], [share["low"], share["high"]])


def _with_interval(value: float | None, interval: list[float | None]) -> str:
    low, high = interval
    if value is None or low is None or high is None:
        return "none"
    return f"{percent(value)} (95 % interval {percent(low)} to {percent(high)})"
