"""Markdown for the model cards."""

from collections.abc import Iterable, Mapping, Sequence


def rows(cells: Iterable[Sequence[str]]) -> str:
    """Return the body of a table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def with_interval(share: Mapping[str, float]) -> str:
    """Return a share with its 95 % interval."""
    return f"{share['value']:.1%} (95 % interval {share['low']:.1%} to {share['high']:.1%})"
