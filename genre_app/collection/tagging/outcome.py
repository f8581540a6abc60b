"""What becomes of a track's tags: written, or not and why; the same decision in a run and in a dry run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genre_app.collection.tagging.fields import TagOptions
from genre_app.collection.tagging.files import TagPlan, can_be_tagged
from genre_app.collection.tagging.wanted import Tags, tags_for, why_untagged
from genre_app.errors import TaggingError
from genre_app.results.schema import ClassificationResult


@dataclass(frozen=True, slots=True)
class TagOutcome:
    """What became of a track's tags, or would become of them.

    Attributes
    ----------
    plan : TagPlan or None
        What was written; None where nothing was.
    reason : str
        Why nothing was, as the end of a sentence; empty where something was.
    is_refused : bool
        Whether there are tags for the track that it does not take.
    """

    plan: TagPlan | None = None
    reason: str = ""
    is_refused: bool = False

    @property
    def warnings(self) -> list[str]:
        """Sentences for the track's notes: why it refused its tags, or what they cannot say."""
        if self.is_refused:
            return [str(TaggingError(self.reason))]
        return self.plan.remarks if self.plan else []


def attempt(
    track: Path, result: ClassificationResult, options: TagOptions, write: Callable[[Tags], TagPlan | None]
) -> TagOutcome:
    """Tag a track, or find out why it gets no tags.

    Parameters
    ----------
    track : Path
        Its name says whether its kind takes tags.
    result : ClassificationResult
        What is heard.
    options : TagOptions
        What is written.
    write : callable
        Writes the tags, or tries to, and returns what it wrote, None where what the track says stays. It raises
        a `TaggingError` where the track does not take them.

    Raises
    ------
    OSError
        A file cannot be written.
    """
    tags = tags_for(result, options.fields, vocabulary=options.vocabulary)
    if tags is None:
        return TagOutcome(reason=why_untagged(result, options.fields))
    if not can_be_tagged(track.name):
        return TagOutcome(reason=f"{track.suffix or 'such'} files take no tags here", is_refused=True)
    try:
        plan = write(tags)
    except TaggingError as error:
        return TagOutcome(reason=error.reason, is_refused=True)
    return TagOutcome(plan) if plan else TagOutcome(reason="what its tags say stays")
