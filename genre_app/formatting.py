"""How numbers are written for people."""


def percent(score: float) -> str:
    """Write a probability, without claiming certainty: ``87 %``, ``< 1 %``, ``> 99 %``."""
    if 0.0 < score < 0.005:
        return "< 1 %"
    if 0.995 < score < 1.0:
        return "> 99 %"
    return f"{score:.0%}".replace("%", " %")


def clock(time_s: float) -> str:
    """Write a time as ``m:ss``, or ``h:mm:ss`` from an hour on."""
    minutes, seconds = divmod(int(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
