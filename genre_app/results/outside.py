"""Music that is none of the labels: which of its styles say so."""

from collections.abc import Sequence

from genre_app.results.model_info import DecisionRule, Style


def outside_styles(
    log_odds: Sequence[float], styles: Sequence[Style], *, genre: str, score: float, rule: DecisionRule
) -> list[str]:
    """Return the styles that outweigh the leading label, the strongest first; none if the music may be that label.

    Parameters
    ----------
    log_odds : sequence of float
        Of each style over the track; above 0 it is named.
    styles : sequence of Style
        What the styles stand for.
    genre : str
        The leading label.
    score : float
        Its score.
    rule : DecisionRule
        ``outside_margin`` and ``outside_below``.
    """
    if score >= rule.outside_below:
        return []
    pairs = sorted(zip(log_odds, styles, strict=True), key=lambda pair: -pair[0])
    goes_with = max((value for value, style in pairs if genre in style.near), default=float("-inf"))
    return [
        style.name
        for value, style in pairs
        if style.is_outside and genre not in style.near and value >= max(0.0, goes_with + rule.outside_margin)
    ]
