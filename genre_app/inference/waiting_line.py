"""Which tracks are analysed at once; the others wait in line, and know how long it is."""

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from genre_app.errors import CancelledError, EngineClosedError
from genre_app.results.progress import Progress, ProgressCallback

#: Tracks from this length on are long. Together they get a quarter of the places, so that songs are not behind them;
#: with twice as many places as decoders, that is half of the decoders.
LONG_S: Final = 1200.0
_POLL_S: Final = 0.2
#: Below this share of a track, the time that it took so far says little about the rest.
_TELLING: Final = 0.1
#: Weight of the newest track in the mean time for a track.
_NEWEST: Final = 0.2


class PostponedError(Exception):
    """A track turned out to be long while as many long ones as may are under way: it has to wait in line again."""


class Place:
    """A track in line or under way.

    Parameters
    ----------
    is_long : bool
        Whether the track is known to be long.
    announce : callable
        Called with the place and the track's length.
    """

    def __init__(self, announce: Callable[["Place", float | None], None], *, is_long: bool) -> None:
        self.is_long = is_long
        self.started_s = 0.0
        self.fraction = 0.0
        self._announce = announce

    def announce(self, duration_s: float | None) -> None:
        """Say how long the track is, now that it is open; None where nobody knows.

        Raises
        ------
        PostponedError
            It is long, and too many long ones are under way.
        """
        self._announce(self, duration_s)

    def watching(self, on_progress: ProgressCallback) -> ProgressCallback:
        """Return a callback that passes the progress on and notes it for the waiting times of others."""

        def watch(progress: Progress) -> None:
            self.fraction = progress.fraction or 0.0
            on_progress(progress)

        return watch


class WaitingLine:
    """Gives places to tracks: first come, first served, but for long ones while they have a quarter of the places.

    Parameters
    ----------
    n_places : int
        Tracks that are analysed at the same time.
    clock : callable, optional
        Returns seconds.
    """

    def __init__(self, n_places: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._n_places = n_places
        self._most_long = max(1, n_places // 4)
        self._clock = clock
        self._waiting: deque[Place] = deque()
        self._under_way: set[Place] = set()
        self._mean_s: float | None = None
        self._changed = threading.Condition()
        self._is_closed = False

    @contextmanager
    def place(
        self, cancel: threading.Event, on_progress: ProgressCallback, *, is_long: bool = False
    ) -> Iterator[Place]:
        """Wait for a place and hold it.

        Parameters
        ----------
        cancel : threading.Event
            Once set, the waiting ends.
        on_progress : callable
            Told how many are ahead, while there is no place.
        is_long : bool
            Whether the track is known to be long.

        Raises
        ------
        CancelledError
            ``cancel`` was set.
        EngineClosedError
            The line is closed.
        """
        place = Place(self._announce, is_long=is_long)
        self._enter(place, cancel, on_progress)
        try:
            yield place
        except BaseException:
            self._leave(place)
            raise
        self._leave(place, is_done=True)

    @property
    def n_waiting(self) -> int:
        """Tracks that wait for a place."""
        with self._changed:
            return len(self._waiting)

    def close(self) -> None:
        """Turn away who waits and who comes; what is under way goes on."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _enter(self, place: Place, cancel: threading.Event, on_progress: ProgressCallback) -> None:
        with self._changed:
            self._waiting.append(place)
        try:
            while not self._start(place):
                if cancel.is_set():
                    raise CancelledError
                on_progress(self._outlook(place))
        finally:
            with self._changed:
                if place in self._waiting:
                    self._waiting.remove(place)
                self._changed.notify_all()

    def _start(self, place: Place) -> bool:
        """Wait a moment for the place's turn; return whether it has come."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._next() is place, timeout=_POLL_S)
            if self._is_closed:
                raise EngineClosedError("The app is shutting down; please try again in a moment.")
            if self._next() is not place:
                return False
            self._waiting.remove(place)
            self._under_way.add(place)
            place.started_s = self._clock()
            return True

    def _next(self) -> Place | None:
        """Return who is to start now, if anybody may."""
        if len(self._under_way) >= self._n_places:
            return None
        return next((place for place in self._waiting if not place.is_long or self._may_be_long()), None)

    def _may_be_long(self) -> bool:
        return sum(place.is_long for place in self._under_way) < self._most_long

    def _announce(self, place: Place, duration_s: float | None) -> None:
        with self._changed:
            if place.is_long or duration_s is None or duration_s < LONG_S:
                return
            if not self._may_be_long():
                raise PostponedError
            place.is_long = True

    def _leave(self, place: Place, *, is_done: bool = False) -> None:
        with self._changed:
            self._under_way.discard(place)
            if is_done:
                took_s = self._clock() - place.started_s
                self._mean_s = took_s if self._mean_s is None else (1 - _NEWEST) * self._mean_s + _NEWEST * took_s
            self._changed.notify_all()

    def _outlook(self, place: Place) -> Progress:
        """Say how many are ahead of a place, and about how long they take."""
        with self._changed:
            n_ahead = self._waiting.index(place)
            left_s = [self._left_s(other) for other in self._under_way]
            mean_s = self._mean_s
        known_s = [seconds for seconds in left_s if seconds is not None]
        if len(known_s) < len(left_s) or mean_s is None:
            return Progress("waiting", None, n_ahead=n_ahead)
        heapq.heapify(known_s)
        for _ in range(n_ahead):  # each takes the place that is free first
            heapq.heapreplace(known_s, known_s[0] + mean_s)
        return Progress("waiting", None, n_ahead=n_ahead, wait_s=known_s[0] if known_s else 0.0)

    def _left_s(self, place: Place) -> float | None:
        """Estimate the time that a track under way still takes; None where nothing is known."""
        took_s = self._clock() - place.started_s
        if place.fraction >= _TELLING:
            return took_s * (1 - place.fraction) / place.fraction
        return None if self._mean_s is None else max(0.0, self._mean_s - took_s)
