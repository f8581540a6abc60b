"""The running analysis of each visitor, so that it can be cancelled."""

import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from genre_app.ui.shared.events import Updates


class Sessions:
    """Cancel tokens by visitor; a visitor's new analysis replaces the previous one."""

    def __init__(self) -> None:
        self._tokens: dict[str, threading.Event] = {}
        self._moments: dict[str, float] = {}
        self._second_looks: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def begin(self, session: str | None, moment: float | None) -> threading.Event:
        """Cancel the visitor's running analysis, if any, and return a token for the next.

        Parameters
        ----------
        session : str or None
            The visitor; None is a client without a page, whose analyses do not replace each other.
        moment : float or None
            When the browser sent the track. Events may arrive out of order: an older one gets a token that is
            already cancelled and never current. None counts as the newest.
        """
        token = threading.Event()
        with self._lock:
            newest = self._moments.get(session or "", 0.0)
            if session and moment is not None and moment < newest:
                token.set()
                return token
            before = self._tokens.get(session or "")
            if session:
                self._tokens[session] = token
                self._moments[session] = newest if moment is None else moment
            second_look = self._second_looks.pop(session or "", None)
        for replaced in (before, second_look):
            if replaced:
                replaced.set()
        return token

    def begin_second_look(self, session: str | None) -> threading.Event:
        """Return a token for what follows an analysis; it is set once the next one begins or the visitor leaves."""
        token = threading.Event()
        with self._lock:
            if session in self._tokens:  # else the visitor has left, and nobody would remove the token
                self._second_looks[session] = token
        return token

    async def follow(
        self,
        session: str | None,
        moment: float | None,
        analyse: Callable[[threading.Event], AsyncGenerator[Updates]],
        *,
        if_replaced: Updates,
    ) -> AsyncIterator[Updates]:
        """Run a visitor's next analysis until it ends, is replaced, or the visitor leaves, and cancel it then.

        Parameters
        ----------
        session, moment
            As in `begin`.
        analyse : callable
            Called with the cancel token; yields values for components.
        if_replaced : tuple
            Last values where a newer analysis takes over: Gradio sends an event's last value again at its end.
        """
        cancel = self.begin(session, moment)
        try:
            async with aclosing(analyse(cancel)) as steps:
                async for updates in steps:
                    if not self.is_current(session, cancel):
                        yield if_replaced
                        return
                    yield updates
        finally:
            cancel.set()

    def is_current(self, session: str | None, token: threading.Event) -> bool:
        """Return whether an analysis is still the visitor's latest, cancelled or not."""
        with self._lock:
            return not session or self._tokens.get(session) is token

    def latest(self, session: str | None) -> threading.Event | None:
        """Return the token of the visitor's latest analysis, running or not."""
        with self._lock:
            return self._tokens.get(session or "")

    def cancel(self, session: str | None) -> None:
        """Cancel the visitor's running analysis, if any."""
        with self._lock:
            token = self._tokens.get(session or "")
        if token:
            token.set()

    def end(self, session: str | None) -> None:
        """Cancel the analysis of a visitor who left, and drop the token."""
        self.cancel(session)
        with self._lock:
            self._tokens.pop(session or "", None)
            self._moments.pop(session or "", None)
            second_look = self._second_looks.pop(session or "", None)
        if second_look:
            second_look.set()
