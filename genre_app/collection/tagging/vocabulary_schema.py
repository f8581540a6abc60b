"""What the file of a vocabulary may hold, and of which names."""

import tomllib
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from genre_app.collection.tagging.fields import said
from genre_app.collection.tagging.vocabulary import parts_of
from genre_app.formatting import printable
from genre_app.genres import GENRES
from genre_app.weights import WEIGHTS_FOLDER

_STYLES_FILE: Final = "styles.toml"
#: The label of models that know music outside the ten.
_OTHER: Final = "other"
_MAX_NAME_LENGTH: Final = 100


def _checked_name(name: str) -> str:
    """Refuse what no player shows as a name."""
    if name != name.strip() or printable(name) != name:
        raise PydanticCustomError("name", "it holds characters that are not seen, such as a space at its end.")
    if len(name) > _MAX_NAME_LENGTH:
        raise PydanticCustomError("name", f"it is longer than {_MAX_NAME_LENGTH} characters.")
    if name and not said("genre", [name]):
        raise PydanticCustomError("name", 'players take it for no name at all; to leave something out, write "".')
    return name


def _opened(value: object) -> object:
    """Take ``rock = "Rock"`` for ``rock = { write = "Rock" }``."""
    return {"write": value} if isinstance(value, str) else value


_Name = Annotated[str, AfterValidator(_checked_name)]


class MoodEntry(BaseModel):
    """What may be said of a mood."""

    model_config = ConfigDict(extra="forbid", strict=True)

    write: _Name | None = None
    threshold: float | None = Field(default=None, ge=0.0, le=1.0)


class NameEntry(MoodEntry):
    """What may be said of a genre or style."""

    parent: Annotated[_Name, Field(min_length=1)] | None = None


class VocabularyFile(BaseModel):
    """What the file may hold; `docs/vocabulary.md` describes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    unlisted: Literal["write", "leave out"] = "write"
    labels: list[_Name] = Field(default_factory=list)
    names: dict[str, Annotated[NameEntry, BeforeValidator(_opened)]] = Field(default_factory=dict)
    moods: dict[str, Annotated[MoodEntry, BeforeValidator(_opened)]] = Field(default_factory=dict)


def known_names() -> list[str]:
    """Return what genres and styles may be called in a vocabulary, without the labels of models from elsewhere."""
    styles = tomllib.loads((WEIGHTS_FOLDER / _STYLES_FILE).read_text(encoding="utf-8"))
    # A genre is spelt as the styles spell it where there is a style of the name: hip-hop.
    return [*(part for style in styles for part in parts_of(style)), *GENRES, _OTHER]
