"""CSV in a spreadsheet: text is no formula, and umlauts are umlauts."""

import csv
import io

import pytest

from genre_app.report.csv_text import text_of_cell, to_csv_text

FORMULAS = ("=1+1", "+1", "-odd.mp3", '@SUM("A1")', "\t=1", '=HYPERLINK("http://x","y")')


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_text_and_is_found_again(text: str) -> None:
    ((cell,),) = cells(to_csv_text([[text]]))
    assert cell == f"'{text}"
    assert text_of_cell(cell) == text


@pytest.mark.parametrize("text", ["'=1+1", "''-x", "'quoted'", "'", "", "a=1", "Ünïcödé", "a,b", 'say "x"', "a\nb"])
def test_every_other_text_is_found_again(text: str) -> None:
    ((cell,),) = cells(to_csv_text([[text]])) or [[""]]
    assert text_of_cell(cell) == text
    assert cell[:1] not in set("=+-@\t\r")


def test_a_line_end_ends_no_row() -> None:
    assert cells(to_csv_text([["\r=1\r\n=2", "a\r=3"]])) == [["'\n=1\n=2", "a\n=3"]]


def test_numbers_stay_numbers() -> None:
    assert to_csv_text([("x", "y"), (-3.5, -1), (None, 2)]) == "\ufeffx,y\n-3.5,-1\n,2\n"


def test_excel_sees_that_it_is_utf_8() -> None:
    assert to_csv_text([["Größe"]]).encode().startswith(b"\xef\xbb\xbf")
