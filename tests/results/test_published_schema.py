"""The JSON Schema in the repository is the one that results follow."""

import json

from genre_app.results.schema import ClassificationResult
from tests.paths import ROOT

PUBLISHED = ROOT / "docs" / "result.schema.json"


def test_the_published_schema_is_the_current_one() -> None:
    """Where this fails on purpose, write the schema anew: see docs/README.md."""
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == ClassificationResult.model_json_schema()
