"""The result as JSON, for programs."""

from genre_app.report.base import Report
from genre_app.results.schema import ClassificationResult


def to_json(result: ClassificationResult, *, indent: int | None = 2) -> str:
    """Write a result as JSON text, in the order of the schema."""
    return result.model_dump_json(indent=indent)


class JsonWriter:
    """Writes the whole result."""

    def render(self, report: Report) -> bytes:
        """Return indented JSON."""
        return f"{to_json(report.result)}\n".encode()
