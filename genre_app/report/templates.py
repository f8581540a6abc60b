"""HTML from templates; values are escaped."""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from genre_app.version import __version__

_FOLDER = Path(__file__).parent / "pages"


def render(template: str, **values: object) -> str:
    """Render a template of the folder ``pages``; values are escaped unless the template marks them ``safe``."""
    return _environment().get_template(template).render(values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["style"] = Markup((_FOLDER / "style.css").read_text(encoding="utf-8"))  # noqa: S704 - ours
    environment.globals["version"] = __version__
    return environment
