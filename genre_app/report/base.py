"""What a report rests on, and what a format has to do."""

from dataclasses import dataclass
from typing import Protocol

from genre_app.results.schema import ClassificationResult
from genre_app.results.windows import WindowScores


@dataclass(frozen=True, slots=True)
class Report:
    """A result and the scores that it was summed up from.

    Attributes
    ----------
    result : ClassificationResult
        Holds the top-k of each list.
    windows : WindowScores
        Holds the scores of every label.
    """

    result: ClassificationResult
    windows: WindowScores


class ReportWriter(Protocol):
    """One format of reports; any number of threads may use one writer."""

    def render(self, report: Report) -> bytes:
        """Return the whole content of the file."""
