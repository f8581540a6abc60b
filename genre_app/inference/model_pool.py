"""The models of one process: the first choice is loaded at the start, others on demand.

On a ZeroGPU Space only what is loaded at the start can reach the GPU (`genre_app.inference.zerogpu_engine`). There, all
models on the machine are loaded at the start and stay; one that a visitor downloads later runs on the CPU until the
Space restarts.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from genre_app.errors import ModelUnavailableError
from genre_app.inference.classifier import GenreClassifier
from genre_app.inference.running_model import ModelRunner, run_here
from genre_app.inference.zerogpu_engine import is_zerogpu
from genre_app.models.catalogue import availability, catalogue
from genre_app.settings import Settings

_log = logging.getLogger(__name__)

#: The small model that adds tags to the answer of another one: on a ZeroGPU Space it stays on the CPU, so that a track
#: costs GPU quota once.
_SECOND_OPINION: Final = "tags"
#: Models beside the first choice that stay loaded; more would fill a small GPU.
_MOST_OTHERS: Final = 3


@dataclass(slots=True)
class _Place:
    """A classifier and how many are using it."""

    classifier: GenreClassifier
    n_users: int = 0


class ModelPool:
    """Classifiers by the names of their models, shared by all visitors.

    Parameters
    ----------
    settings : Settings
        Name the first choice, which is loaded now; the others share everything else.
    runner : callable
        Runs each model: in this process by default, or on other machines.

    Raises
    ------
    ModelUnavailableError, DeviceUnavailableError
        The first choice cannot be loaded.
    """

    def __init__(self, settings: Settings, runner: ModelRunner = run_here) -> None:
        self._settings = settings
        self._runner = runner
        self._default = GenreClassifier(settings, runner=runner)
        self._replaced: list[GenreClassifier] = []
        self._resident = self._load_all() if is_zerogpu() else {}
        self._others: dict[str, _Place] = {}
        self._lock = threading.Lock()
        self._loading: dict[str, threading.Lock] = {}

    @property
    def default(self) -> GenreClassifier:
        """The classifier of the first choice."""
        return self._default

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def replace_default(self, model: str) -> None:
        """Let another version of the first choice answer from now on; what is under way ends with the old one.

        Parameters
        ----------
        model : str
            As in `Settings.model`; visitors must know the model by the same name, for the page is laid out already.

        Raises
        ------
        ModelUnavailableError, DeviceUnavailableError
            It cannot be loaded, or has another name; the old one stays.
        """
        new = self._load({"model": model})
        if new.model.name != self._default.model.name:
            new.close()
            raise ModelUnavailableError(
                f"The new version of the model {self._default.model.name} must have its name, not {new.model.name!r}."
            )
        self._settings = self._settings.model_copy(update={"model": model})
        self._default, old = new, self._default
        self._replaced.append(old)

    def offered(self) -> tuple[str, ...]:
        """Name what visitors may choose, the first choice first: no folder of this machine, nothing unknown."""
        default = self._default.model.name
        return (default, *(entry.name for entry in catalogue() if entry.name != default))

    def available(self) -> tuple[str, ...]:
        """Name what can answer now, the first choice first."""
        here = {entry.name for entry in catalogue() if availability(entry, self._settings) != "not downloaded"}
        return tuple(name for i, name in enumerate(self.offered()) if i == 0 or name in here)

    @contextmanager
    def acquire(self, name: str | None = None) -> Iterator[GenreClassifier]:
        """Acquire a classifier; its model is loaded if it is not in memory.

        Parameters
        ----------
        name : str, optional
            One of `offered`; the first choice by default.

        Yields
        ------
        GenreClassifier
            Stays open inside the ``with`` block.

        Raises
        ------
        ModelUnavailableError
            The model is unknown or is not on this machine.
        """
        if name is None or name in {self._settings.model, self._default.model.name}:
            yield self._default
            return
        if name not in self.offered():
            raise ModelUnavailableError(
                f"There is no model called {name!r} here; choose one of: {', '.join(self.offered())}."
            )
        if resident := self._resident.get(name):
            yield resident
            return
        place = self._take(name)
        try:
            yield place.classifier
        finally:
            with self._lock:
                place.n_users -= 1

    @contextmanager
    def acquire_or_default(self, name: str) -> Iterator[tuple[GenreClassifier, str | None]]:
        """Acquire a classifier, or the first choice if that model is unavailable.

        Yields
        ------
        GenreClassifier, str or None
            Why it is the first choice instead, for the user.
        """
        with ExitStack() as stack:
            reason = None
            try:
                classifier = stack.enter_context(self.acquire(name))
            except ModelUnavailableError as error:
                classifier, reason = self._default, f"{error} Until then, {self._default.model.name} answers."
            yield classifier, reason

    def close(self) -> None:
        """Close all classifiers."""
        with self._lock:
            places = [*self._others.values()]
            self._others.clear()
        others = (*self._resident.values(), *(place.classifier for place in places))
        for classifier in (*self._replaced, self._default, *others):
            classifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load_all(self) -> dict[str, GenreClassifier]:
        """Load everything beside the first choice that is on this machine and works."""
        loaded = {}
        for name in self.available()[1:]:
            chosen = {"model": name, "device": "cpu"} if name == _SECOND_OPINION else {"model": name}
            try:
                loaded[name] = self._load(chosen)
            except ModelUnavailableError:
                _log.warning("the model %s stays out", name, exc_info=True)
        return loaded

    def _take(self, name: str) -> _Place:
        with self._lock:
            loading = self._loading.setdefault(name, threading.Lock())
        with loading:  # callers for the same model wait instead of loading it twice
            with self._lock:
                if place := self._others.pop(name, None):
                    self._others[name] = place  # the last in the dictionary was asked for last
                    place.n_users += 1
                    return place
            chosen = {"model": name, "device": "cpu"} if is_zerogpu() else {"model": name}
            place = _Place(self._load(chosen), n_users=1)
            with self._lock:
                self._others[name] = place
                surplus = self._surplus()
        for classifier in surplus:
            classifier.close()
        return place

    def _load(self, chosen: dict[str, str]) -> GenreClassifier:
        """Load another model; all of them share one decoder and one line."""
        first = self._default
        settings = self._settings.model_copy(update=chosen)
        return GenreClassifier(settings, runner=self._runner, decoder=first.decoder, line=first.line)

    def _surplus(self) -> list[GenreClassifier]:
        """Remove the least recently used idle classifiers beyond the limit."""
        idle = [name for name, place in self._others.items() if place.n_users == 0]
        n_surplus = max(0, len(self._others) - _MOST_OTHERS)
        return [self._others.pop(name).classifier for name in idle[:n_surplus]]
