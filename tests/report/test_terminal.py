import io
import re

import pytest
from rich.console import Console

from genre_app.genres import GENRE_COLOURS
from genre_app.report import Report
from genre_app.report.terminal import TerminalReport
from genre_app.results.build import build_result, windows_of
from genre_app.results.schema import ChordShare, SliceOptions, TrackFacts
from tests.results import answers
from tests.results.answers import Section, analysis_of

FACTS = TrackFacts(tempo_bpm=119.6, key="A minor", chords=(ChordShare(chord="Am", share=0.5),))
MEDLEY = (Section(10, "disco"), Section(10, "jazz"), Section(10, "metal"))


def report_of(*sections: Section, name: str = "song.mp3", window_seconds: float = 30.0) -> Report:
    options, analysis = SliceOptions(window_seconds=window_seconds), analysis_of(*sections, name=name)
    result = build_result(analysis, options).model_copy(update={"facts": FACTS})
    return Report(result, windows_of(analysis, options))


class Screen(io.TextIOWrapper):
    """A terminal's standard output."""

    def isatty(self) -> bool:
        return True


def console(*, width: int = 80, encoding: str = "utf-8", colours: str | None = None) -> Console:
    return Console(
        file=Screen(io.BytesIO(), encoding=encoding),
        width=width,
        color_system=colours,
        force_terminal=colours is not None,
    )


def lines(report: Report, **terminal: object) -> list[str]:
    return TerminalReport(console(**terminal)).whole(report).splitlines()  # type: ignore[arg-type]


def test_a_result_is_its_answer_bars_course_and_facts() -> None:
    text = "\n".join(lines(report_of(Section(20, "jazz", styles=("ambient & new age",), tags=("relaxed",)))))
    assert "song.mp3  1:00" in text
    assert re.search(r"Jazz +█+.? +\d\d %", text)
    assert re.search(r"0:00 +1:00", text)
    for heading, fact in [("Tempo", "120 BPM"), ("Key", "A minor"), ("Chords", "Am"), ("Model", "fake")]:
        assert re.search(rf"{heading} +{fact}", text)


def test_the_strip_says_what_the_sentence_says() -> None:
    report = report_of(*MEDLEY)
    assert report.result.verdict.sentence == "Disco, then jazz from 0:30, then metal from 1:00"
    (strip,) = [line for line in lines(report) if "█▒" in line]
    assert strip.split("▒")[0].count("█") == pytest.approx(74 / 3, abs=1)
    (times,) = [line for line in lines(report) if line.strip().startswith("0:00")]
    assert times.split() == ["0:00", "0:30", "1:00", "1:30"]
    assert "  ██ Disco  ▒▒ Jazz  ░░ Metal" in lines(report)


def test_colours_are_those_of_the_page() -> None:
    red, green, blue = (int(GENRE_COLOURS["jazz"][i : i + 2], 16) for i in (1, 3, 5))
    text = "\n".join(lines(report_of(*MEDLEY), colours="truecolor"))
    assert f"\x1b[38;2;{red};{green};{blue}m█" in text
    assert "▒" not in text


@pytest.mark.parametrize("sections", [MEDLEY, (Section(3), Section(3, is_silent=True), Section(3, "metal"))])
@pytest.mark.parametrize("width", [20, 40, 200])
def test_no_line_is_wider_than_the_terminal(sections: tuple[Section, ...], width: int) -> None:
    report = report_of(*sections, name="a very long name " * 8 + ".mp3", window_seconds=3)
    assert max(map(len, lines(report, width=width))) <= min(width, 76)


def test_a_terminal_of_ascii_gets_ascii() -> None:
    text = "\n".join(lines(report_of(*MEDLEY, name="żółć 音楽.mp3"), encoding="ascii"))
    assert text.isascii()
    assert r"\u017c\xf3\u0142\u0107" in text
    assert "## Disco  == Jazz  ++ Metal" in text


def test_names_cannot_move_the_cursor_or_change_colours() -> None:
    text = "\n".join(lines(report_of(*MEDLEY, name="\x1b[31mred\a\n[bold]b[/bold] \u202ex :smile:.mp3")))
    assert "\x1b" not in text
    assert "\a" not in text
    assert "\u202e" not in text
    assert "[bold]b[/bold]" in text
    assert ":smile:" in text


@pytest.mark.parametrize("sections", [answers.NOT_MUSIC, answers.NO_SOUND])
def test_what_is_not_music_gets_no_genre(sections: tuple[Section, ...]) -> None:
    report = report_of(*sections)
    text = "\n".join(lines(report))
    assert report.result.verdict.sentence in text
    assert "█" not in text
    assert " %" not in text
    assert "BPM" not in text


def test_several_results_are_short_and_keep_their_notes() -> None:
    report = report_of(*MEDLEY)
    report.result.metadata.warnings.append("The end of the file is missing.")
    text = TerminalReport(console()).brief(report)
    assert len(text.splitlines()) == 6
    assert "Note: The end of the file is missing." in text
    assert "BPM" not in text
