"""A result as a card to share: a picture of 1200 by 630 CSS pixels, at twice their density."""

import io
from itertools import pairwise
from typing import Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from genre_app.formatting import clock
from genre_app.genres import NEUTRAL_COLOUR, colour_of, display_name
from genre_app.report.base import Report
from genre_app.report.captions import closest_only
from genre_app.report.fonts import drawable, drawing, font_families
from genre_app.results.course import course_of
from genre_app.results.leaders import Stretch
from genre_app.results.reasons import named_styles

_WIDTH_PX, _HEIGHT_PX = 1200, 630
_DENSITY: Final = 2
_DPI: Final = 200
#: Points of text in a CSS pixel.
_PT: Final = 72 * _DENSITY / _DPI
_LEFT_PX, _RIGHT_PX = 72, 1128
_TEXT: Final = "#1f2328"
_SUBDUED: Final = "#59636e"
_TRACK: Final = "#eceef1"
#: From this luminance on, dark text has the higher contrast.
_BRIGHT: Final = 0.2
_MUTED_OPACITY: Final = 0.35
_STRIP_TOP_PX, _STRIP_PX = 236, 56
_BARS_TOP_PX, _BAR_STEP_PX = 392, 54
_BAR_LEFT_PX, _BAR_RIGHT_PX = 212, 560
_STYLES_LEFT_PX: Final = 720
_LARGEST_PX, _TWO_LINES_PX = 58, 42
#: A sentence wider than this, relative to the card, is written in two lines.
_LONGEST_LINE: Final = 1.2


class ShareCardWriter:
    """Draws title, verdict, course, the three likeliest, and styles."""

    def render(self, report: Report) -> bytes:
        """Return a PNG."""
        with drawing:
            card = _Card()
            card.draw(report)
            return card.png(title=report.result.verdict.sentence)


class _Card:
    """A figure that is measured in CSS pixels from its top left corner."""

    def __init__(self) -> None:
        size = (_WIDTH_PX * _DENSITY / _DPI, _HEIGHT_PX * _DENSITY / _DPI)
        self._figure = Figure(figsize=size, dpi=_DPI, facecolor="white")
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1), xlim=(0, _WIDTH_PX), ylim=(_HEIGHT_PX, 0))
        self._axes.set_axis_off()

    def png(self, *, title: str) -> bytes:
        picture = io.BytesIO()
        self._figure.savefig(picture, format="png", metadata={"Title": title})
        return picture.getvalue()

    def draw(self, report: Report) -> None:
        self._draw_heading(report)
        self._draw_course(report)
        if report.result.verdict.is_music:
            self._draw_bars(report)
        self._draw_styles(report)
        self._write_footer(report)

    def _draw_heading(self, report: Report) -> None:
        result = report.result
        colours = result.verdict.colours or [NEUTRAL_COLOUR]
        for i, colour in enumerate(colours):
            self._box(0, i * _HEIGHT_PX / len(colours), 24, _HEIGHT_PX / len(colours), colour)
        name = self._write(_LEFT_PX, 84, drawable(result.metadata.track_name), 28, color=_SUBDUED)
        self._fit(name, _RIGHT_PX - _LEFT_PX)
        sentence = self._write(_LEFT_PX, 158, result.verdict.sentence, _LARGEST_PX, weight="bold", va="center")
        if self._width(sentence) > _LONGEST_LINE * (_RIGHT_PX - _LEFT_PX):
            sentence.set_text(_in_two_lines(result.verdict.sentence))
        self._shrink(sentence, _RIGHT_PX - _LEFT_PX)

    def _draw_course(self, report: Report) -> None:
        """Draw the strip, the times below it where there is room, and what the colours are."""
        duration_s = max(report.result.metadata.duration_seconds, 1e-3)
        scale = (_RIGHT_PX - _LEFT_PX) / duration_s
        self._box(_LEFT_PX, _STRIP_TOP_PX, _RIGHT_PX - _LEFT_PX, _STRIP_PX, _TRACK)
        course = _course(report)
        for stretch in course:
            left, width = _LEFT_PX + stretch.start_s * scale, stretch.duration_s * scale
            self._box(left, _STRIP_TOP_PX, width, _STRIP_PX, stretch.colour)
            middle, colour = _STRIP_TOP_PX + _STRIP_PX / 2, _readable_on(stretch.colour)
            name = self._write(left + 14, middle, display_name(stretch.label), 20, color=colour, va="center")
            if self._width(name) > width - 24:
                name.remove()
        changes = [after.start_s for before, after in pairwise(course) if before.label != after.label]
        below = _STRIP_TOP_PX + _STRIP_PX + 30
        end = self._write(_RIGHT_PX, below, clock(duration_s), 20, color=_SUBDUED, ha="right")
        free_from, free_to = float(_LEFT_PX), _RIGHT_PX - self._width(end) - 20
        for time_s in [0.0, *changes]:
            left = _LEFT_PX + time_s * scale
            text = self._write(left, below, clock(time_s), 20, color=_SUBDUED)
            if left < free_from or left + self._width(text) > free_to:
                text.remove()
            else:
                free_from = left + self._width(text) + 20

    def _draw_bars(self, report: Report) -> None:
        windows, closest = report.windows, closest_only(report.result)
        self._write(
            _LEFT_PX, _BARS_TOP_PX - 24, "The closest of the ten" if closest else "Likeliest", 20, color=_SUBDUED
        )
        for rank, i in enumerate(np.argsort(-windows.track_scores, kind="stable")[:3]):
            middle = _BARS_TOP_PX + rank * _BAR_STEP_PX + 18
            label, score = windows.labels[i], float(windows.track_scores[i])
            name = self._write(_LEFT_PX, middle, display_name(label), 24, va="center")
            self._fit(name, _BAR_LEFT_PX - _LEFT_PX - 12)
            self._box(_BAR_LEFT_PX, middle - 16, _BAR_RIGHT_PX - _BAR_LEFT_PX, 32, _TRACK)
            self._box(_BAR_LEFT_PX, middle - 16, (_BAR_RIGHT_PX - _BAR_LEFT_PX) * score, 32, colour_of(label),
                      alpha=_MUTED_OPACITY if closest else 1.0)  # fmt: skip
            self._write(_BAR_RIGHT_PX + 16, middle, windows.track_percents[i], 24, va="center")

    def _draw_styles(self, report: Report) -> None:
        """Draw the named styles as pills, as many as there is room for."""
        styles = named_styles(report.result) if report.result.verdict.is_music else []
        if not styles:
            return
        self._write(_STYLES_LEFT_PX, _BARS_TOP_PX - 24, "Styles", 20, color=_SUBDUED)
        left, top = float(_STYLES_LEFT_PX), float(_BARS_TOP_PX)
        for style in styles:
            text = self._write(left + 18, top + 19, display_name(style.style), 22, va="center")
            width = self._width(text) + 36
            if left + width > _RIGHT_PX:
                left, top = float(_STYLES_LEFT_PX), top + _BAR_STEP_PX
                text.set_position((left + 18, top + 19))
            if top > _BARS_TOP_PX + 2 * _BAR_STEP_PX:
                text.remove()
                return
            self._axes.add_patch(
                FancyBboxPatch(
                    (left, top), width, 38, boxstyle="round,pad=0,rounding_size=12", color=_TRACK, linewidth=0
                )
            )
            left += width + 12

    def _write_footer(self, report: Report) -> None:
        facts = report.result.facts
        words = [clock(report.result.metadata.duration_seconds)]
        if report.result.verdict.is_music and facts:
            words += [f"{facts.tempo_bpm:.0f} beats a minute"] if facts.tempo_bpm else []
            words += [facts.key] if facts.key else []
        self._write(_LEFT_PX, _HEIGHT_PX - 44, "  ·  ".join(words), 20, color=_SUBDUED)

    def _box(self, left: float, top: float, width: float, height: float, colour: str, **style: Any) -> None:
        self._axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, linewidth=0, **style))

    def _write(self, left: float, baseline: float, text: str, size_px: float, **style: Any) -> Text:
        style = {"color": _TEXT, "family": font_families(), "va": "baseline", "zorder": 3, **style}
        return self._axes.text(left, baseline, text, size=size_px * _PT, parse_math=False, **style)

    def _width(self, text: Text) -> float:
        renderer: RendererAgg = self._canvas.get_renderer()
        return float(text.get_window_extent(renderer).width) / _DENSITY

    def _shrink(self, text: Text, width_px: float) -> None:
        """Write smaller what is too wide or has two lines."""
        most_px = _TWO_LINES_PX if "\n" in text.get_text() else _LARGEST_PX
        text.set_size(min(most_px, _LARGEST_PX * width_px / max(self._width(text), 1.0)) * _PT)

    def _fit(self, text: Text, width_px: float) -> None:
        """Cut what is too wide, at its end."""
        whole = text.get_text()
        kept = len(whole)
        while kept > 1 and self._width(text) > width_px + 0.5:
            kept = min(kept - 1, int(kept * width_px / self._width(text)))
            text.set_text(f"{whole[:kept].rstrip()}…")


def _course(report: Report) -> list[Stretch]:
    """List what the track is when; music outside the labels is its styles throughout."""
    verdict = report.result.verdict
    if verdict.kind != "outside":
        return course_of(report.result)
    return [Stretch(" or ".join(verdict.styles), 0.0, report.result.metadata.duration_seconds, NEUTRAL_COLOUR)]


def _in_two_lines(sentence: str) -> str:
    """Break a sentence where its lines are closest in length."""
    spaces = [i for i, letter in enumerate(sentence) if letter == " "]
    if not spaces:
        return sentence
    middle = min(spaces, key=lambda i: abs(2 * i - len(sentence)))
    return f"{sentence[:middle]}\n{sentence[middle + 1 :]}"


def _readable_on(colour: str) -> str:
    """Return white, or the text's colour on what is bright (relative luminance of WCAG 2)."""
    linear = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) ** 2.2
    return "white" if linear @ (0.2126, 0.7152, 0.0722) < _BRIGHT else _TEXT
