"""The JSON Schema in the repository is the one that results follow."""

import json
from pathlib import Path

from genre_app.schema import ClassificationResult

PUBLISHED = Path(__file__).parents[1] / "docs" / "result.schema.json"


def test_the_published_schema_is_the_current_one() -> None:
    """Where this fails on purpose, write the schema anew: see docs/README.md."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == ClassificationResult.model_json_schema()
