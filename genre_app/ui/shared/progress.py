"""Progress of a worker thread: the newest value, when to show it, and the bar that shows it."""

import asyncio
import html
from collections.abc import AsyncIterator
from concurrent.futures import Future
from typing import Any, Final, Generic, TypeVar

_POLL_S: Final = 0.2

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """The newest progress of one task, written by its worker and read by the page.

    Parameters
    ----------
    first : object
        Progress before the worker reports any.
    """

    def __init__(self, first: Value) -> None:
        self._value = first

    def put(self, value: Value) -> None:
        """Replace the progress; assignment is atomic."""
        self._value = value

    def get(self) -> Value:
        """Return the newest progress."""
        return self._value


async def progress_until_done(future: Future[Any], latest: Latest[Value]) -> AsyncIterator[Value]:
    """Yield the newest progress five times a second until the future is done; its result is not read.

    While it waits it takes no thread: many visitors may be waiting.
    """
    ended = asyncio.wrap_future(future)
    # Else asyncio complains of an error that nobody looked at, after the visitor has left.
    ended.add_done_callback(lambda task: task.cancelled() or task.exception())
    while not (await asyncio.wait([ended], timeout=_POLL_S))[0]:
        yield latest.get()


def progress_bar(fraction: float | None, *, is_decorative: bool = False, is_hidden: bool = False) -> str:
    """Draw a progress bar: HTML.

    Parameters
    ----------
    fraction : float or None
        Share that is done, 0 to 1; None draws an indeterminate bar.
    is_decorative : bool
        Whether the text beside it says the same, so that screen readers skip the bar.
    is_hidden : bool
        Whether the bar is in the page without being shown.
    """
    aria = " aria-hidden='true'" if is_decorative else ""
    value = "" if fraction is None else f" value='{fraction:.3f}'"
    return f"<progress{aria} max='1'{value}{' hidden' if is_hidden else ''}></progress>"


def labelled_progress(label: str, fraction: float | None) -> str:
    """Draw a progress bar below its label, announced by screen readers: HTML."""
    bar = progress_bar(fraction)
    return f"<div class='progress' role='status'><label>{html.escape(label)}{bar}</label></div>"
