"""The text of a TOML file: on which line each key stands, and what is wrong with it, in words that say what to do.

Python's parser says neither where a key stands nor where one that is there twice stood first, so the text is parsed
statement by statement here. Only files with mistakes need that.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from genre_app.formatting import printable

#: Keys from the outermost table to the innermost.
KeyPath = tuple[str, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
#: A line that may begin a statement: a table, or a key with a value.
_BEGINNING: Final = re.compile(r"\s*(\[[^\[\]]+\]\s*(#.*)?$|[^=]+=)")
_POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: Marks that stand around text, those of a word processor too: double and single, opening and closing.
_QUOTES: Final = "\"'\u201c\u201d\u201e\u2018\u2019"
#: Parts of which a statement is put together at most: a list of many lines that look like statements is none.
_MOST_PARTS: Final = 50
#: What to do about a message of Python's parser, by its beginning.
_REMEDIES: Final[Mapping[str, str]] = {
    "Unterminated string": "a quotation mark is missing at the end of the text.",
    "Found invalid character": "a quotation mark is missing at the end of the text.",
    "Illegal character": "a quotation mark is missing at the end of the text.",
    "Unescaped": r"write two backslashes (\\) where one is meant.",
    "Expected ']'": 'a "]" is missing behind the name of the table, as in [names].',
    "Unclosed array": 'a comma or a "]" is missing in the list.',
    "Unclosed inline table": 'a comma or a "}" is missing in the table.',
    "Duplicate inline table key": "a key is there twice; leave one of the two.",
    "Cannot": "this table or key is there already; put all that belongs to it in one place.",
}


class TomlSource:
    """Where the keys of a text stand.

    Parameters
    ----------
    text : str
        The file, which need not be valid.

    Attributes
    ----------
    lines : dict of tuple of str to int
        The line on which each key, or the header of each table, stands first.
    repeated : list of tuple
        Keys and headers that are there again, and their lines. What follows a broken statement is not looked at.
    """

    def __init__(self, text: str) -> None:
        self._rows = text.split("\n")
        self.lines: dict[KeyPath, int] = {}
        self.repeated: list[tuple[KeyPath, int]] = []
        self._first_broken: int | None = None
        self._locate()

    def line_of(self, place: Iterable[object]) -> int | None:
        """Return the line of a key, or of the innermost table around it that has one."""
        path = tuple(map(str, place))
        return next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), None)

    def mistakes(self, error: tomllib.TOMLDecodeError) -> list[str]:
        """Say why the text is no TOML: which keys are there twice, or what else the parser stopped at."""
        if self.repeated:
            return [self._repetition(path, line) for path, line in self.repeated]
        position = _POSITION.search(str(error))
        n_last = max((n for n, row in enumerate(self._rows, 1) if row.strip()), default=1)
        line = int(position[1]) if position and position[1] else self._first_broken or n_last
        column = int(position[2]) if position and position[2] else None
        return [f"Line {line}: {_remedy(_POSITION.sub('', str(error)), self._rows[line - 1], column)}"]

    def _repetition(self, path: KeyPath, line: int) -> str:
        first = self.lines[path]
        if self._rows[line - 1].lstrip().startswith("["):
            return f"Line {line}: {dotted(path)} is there already, from line {first} on; put what belongs to it there."
        return f"Line {line}: {dotted(path)} is there already, on line {first}; leave one of the two."

    def _locate(self) -> None:
        header = ""
        for line, statement, parsed in self._statements():
            if statement.lstrip().startswith("[["):  # a vocabulary has no lists of tables
                return
            if statement.lstrip().startswith("["):
                header = f"{statement}\n"
                self._note(_innermost(parsed), line)
            elif parsed:  # not a comment
                for path in _leaves(tomllib.loads(header + statement)):
                    self._note(path, line)

    def _note(self, path: KeyPath, line: int) -> None:
        if path in self.lines:
            self.repeated.append((path, line))
        else:
            self.lines[path] = line

    def _statements(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield the first line, text and content of each statement, up to one that cannot be parsed."""
        starts = [n for n, row in enumerate(self._rows) if _BEGINNING.match(row)]
        ends = [*starts[1:], len(self._rows)]
        part = 0
        while part < len(starts):
            for last in range(part, min(part + _MOST_PARTS, len(starts))):
                statement = "\n".join(self._rows[starts[part] : ends[last]])
                try:
                    parsed = tomllib.loads(statement)
                except tomllib.TOMLDecodeError:
                    continue
                yield starts[part] + 1, statement, parsed
                part = last + 1
                break
            else:
                self._first_broken = starts[part] + 1
                return


def dotted(place: Iterable[object]) -> str:
    """Write the path of a value as TOML does: ``names."new age".write``."""
    keys = map(printable, map(str, place))
    return ".".join(key if _BARE_KEY.fullmatch(key) else f'"{key}"' for key in keys)


def _innermost(table: Mapping[str, Any]) -> KeyPath:
    """Return the path of the table that a header opens."""
    for key, value in table.items():
        return (key, *(_innermost(value) if isinstance(value, dict) else ()))
    return ()


def _leaves(table: Mapping[str, Any]) -> Iterator[KeyPath]:
    """Yield the paths of all values; a table without any is one."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from ((key, *path) for path in _leaves(value))
        else:
            yield (key,)


def _remedy(message: str, row: str, column: int | None) -> str:
    """Say what to do about a line that the parser stopped at, in this column if it is known."""
    for beginning, remedy in _REMEDIES.items():
        if message.startswith(beginning):
            return remedy
    key, is_entry, value = (part.strip() for part in row.partition("="))
    if not (is_entry and key and value):
        return 'there has to be a name, "=" and a value, such as rock = "Rock".'
    if message.startswith(("Expected '='", "Invalid statement")):
        return f'the name has to be in quotes: "{printable(key)}" = ...'
    if message.startswith("Invalid value") and column:
        value = re.split("[],}]", row[column - 1 :])[0]
    return _remedy_of_value(value)


def _remedy_of_value(value: str) -> str:
    if value.startswith(('"', "'", "{", "[")):
        return "something follows the value; begin a new line behind it."
    if re.match(r"[.,\d+-]", value):
        return "a number is written with digits and a point, such as 0.7; text has to be in quotes."
    word = value.partition("#")[0].strip().strip(_QUOTES)
    return f'the value has to be in straight quotes: "{printable(word)}".'
