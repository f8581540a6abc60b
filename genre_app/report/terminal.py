"""A result as a few lines for a terminal; names may hold anything, and the terminal may show only ASCII."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from genre_app.formatting import clock, printable
from genre_app.genres import colour_of, display_name
from genre_app.report.base import Report
from genre_app.report.captions import closest_only
from genre_app.report.terminal_strip import Glyphs, strip_of
from genre_app.results.reasons import further_tags, named_styles
from genre_app.results.schema import ClassificationResult

_WIDEST: Final = 76
_INDENT: Final = 2
#: Scores below it get no bar.
_LEAST_SCORE: Final = 0.01
_MOST_NAMED: Final = 4


class TerminalReport:
    """Lays out results for a terminal.

    Parameters
    ----------
    console : rich.console.Console
        Knows the terminal's width, colours and encoding.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = min(console.width, _WIDEST) - _INDENT
        self._glyphs = Glyphs.of(console)

    def whole(self, report: Report) -> str:
        """Write the answer, the leading genres as bars, the course through the track, and what else is known."""
        result = report.result
        parts = [self._heading(result)]
        if result.verdict.is_music:
            if note := closest_only(result):
                parts.append(self._text(note, "dim"))
            parts += [self._bars(report), strip_of(result, self._glyphs, self._width)]
        parts.append(self._facts(result))
        spaced = [piece for part in parts for piece in (part, Text())]
        return self._rendered(Group(Text(), *spaced))

    def brief(self, report: Report) -> str:
        """Write the answer and the course through the track: one of several results."""
        result = report.result
        parts = [self._heading(result)]
        if result.verdict.is_music:
            parts.append(strip_of(result, self._glyphs, self._width))
        notes = [self._text(f"Note: {warning}", "yellow") for warning in result.metadata.warnings]
        return self._rendered(Group(*parts, *notes, Text()))

    def _rendered(self, content: RenderableType) -> str:
        with self._console.capture() as capture:
            self._console.print(Padding(content, (0, 0, 0, _INDENT), expand=False), width=self._width + _INDENT)
        return "\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n"))

    def _heading(self, result: ClassificationResult) -> RenderableType:
        metadata = result.metadata
        name = self._text(f"{metadata.track_name}  {clock(metadata.duration_seconds)}", "dim")
        return Group(name, self._text(result.verdict.sentence, "bold"))

    def _bars(self, report: Report) -> RenderableType:
        scores = report.result.predictions
        shown = [score for score in scores if score.score >= _LEAST_SCORE] or scores[:1]
        percents = dict(zip(report.windows.labels, report.windows.track_percents, strict=True))
        names = [self._text(display_name(score.genre)) for score in shown]
        name_width = min(max(name.cell_len for name in names), self._width // 2)
        bar_width = max(self._width - name_width - len("  > 99 %  "), 1)
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=name_width, no_wrap=True, overflow="ellipsis" if self._glyphs.is_unicode else "crop")
        table.add_column(width=bar_width)
        table.add_column(justify="right")
        for name, score in zip(names, shown, strict=True):
            bar = Text(self._glyphs.bar(score.score, bar_width), colour_of(score.genre))
            table.add_row(name, bar, percents[score.genre])
        return table

    def _facts(self, result: ClassificationResult) -> RenderableType:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for heading, fact in _facts_of(result):
            table.add_row(heading, self._text(fact))
        for index, warning in enumerate(result.metadata.warnings):
            table.add_row("" if index else "Notes", self._text(warning, "yellow"))
        return table

    def _text(self, text: str, style: str = "") -> Text:
        """Return a text without control characters, and with escapes for what the terminal has no code for."""
        encoding = self._console.encoding
        return Text(printable(text, replacement="?").encode(encoding, "backslashreplace").decode(encoding), style)


def _facts_of(result: ClassificationResult) -> Iterator[tuple[str, str]]:
    """Yield what is known beside the genre, with a heading each."""
    facts = result.facts if result.verdict.is_music else None
    if styles := [style.style for style in named_styles(result)]:
        yield "Styles", ", ".join(styles[:_MOST_NAMED])
    if tags := [tag.tag for tag in further_tags(result)]:
        yield "Also", ", ".join(tags[:_MOST_NAMED])
    if facts and facts.tempo_bpm:
        yield "Tempo", f"{facts.tempo_bpm:.0f} BPM"
    if facts and facts.key:
        yield "Key", facts.key
    if facts and facts.chords:
        yield "Chords", " ".join(share.chord for share in facts.chords)
    yield "Model", result.metadata.model_name
