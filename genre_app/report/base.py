"""The data of a report, and the interface of its formats."""

from dataclasses import dataclass
from typing import Protocol

from genre_app.results.embedding import TrackEmbedding
from genre_app.results.schema import ClassificationResult
from genre_app.results.windows import WindowScores


@dataclass(frozen=True, slots=True)
class Report:
    """A result and the scores behind it.

    Attributes
    ----------
    result : ClassificationResult
        Its lists hold the top-k.
    windows : WindowScores
        Scores of every label.
    embedding : TrackEmbedding or None
        What the track sounds like, for comparisons with others; in no report.
    """

    result: ClassificationResult
    windows: WindowScores
    embedding: TrackEmbedding | None = None


class ReportWriter(Protocol):
    """A report format; writers are thread-safe."""

    def render(self, report: Report) -> bytes:
        """Return the content of the file."""
