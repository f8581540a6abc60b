"""Which analysis each visitor has under way, so that it can be cancelled."""

import threading


class Sessions:
    """Cancel tokens by visitor; a new analysis of the same visitor replaces the one before."""

    def __init__(self) -> None:
        self._tokens: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def begin(self, session: str | None) -> threading.Event:
        """Cancel the visitor's analysis, if one is under way, and return the token of the next."""
        token = threading.Event()
        with self._lock:
            before = self._tokens.get(session or "")
            if session:
                self._tokens[session] = token
        if before:
            before.set()
        return token

    def is_current(self, session: str | None, token: threading.Event) -> bool:
        """Tell whether an analysis is still the visitor's last, cancelled or not."""
        with self._lock:
            return not session or self._tokens.get(session) is token

    def latest(self, session: str | None) -> threading.Event | None:
        """Return the token of the visitor's last analysis, whatever became of it."""
        with self._lock:
            return self._tokens.get(session or "")

    def cancel(self, session: str | None) -> None:
        """Cancel the visitor's analysis, if one is under way."""
        with self._lock:
            token = self._tokens.get(session or "")
        if token:
            token.set()

    def end(self, session: str | None) -> None:
        """Cancel the analysis of a visitor who left."""
        self.cancel(session)
        with self._lock:
            self._tokens.pop(session or "", None)
