"""Gradio's page, which checks what comes with an event before anything is done with it."""

import logging
import math
import re
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import unquote

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.exceptions import InvalidPathError
from starlette.datastructures import Headers

from genre_app.errors import GenreAppError, NoSpaceError, is_full
from genre_app.formatting import printable
from genre_app.ui.gate.origins import sender_of
from genre_app.ui.gate.routes import names_an_address
from genre_app.ui.shared.events import FAILURE

_log = logging.getLogger(__name__)

#: An uploaded file's own address on this server, as programs and MCP clients may send it; the rest is its path.
_OWN_FILE: Final = re.compile(r"https?://[^/?#]+(/[^?#]*)?/gradio_api/file=(?P<path>[^?#]+)", re.IGNORECASE)
#: What JSON calls a type, as Python reads it, and what a person calls it.
_TYPES: Final[dict[str, tuple[tuple[type, ...], str]]] = {
    "number": ((int, float), "a number"),
    "integer": ((int, float), "a number"),
    "string": ((str,), "a text"),
    "boolean": ((bool,), "true or false"),
    "object": ((dict,), "a file"),
}
_MOST_CHARS: Final = 60

_NOT_FETCHED: Final = "This app fetches nothing from other addresses; please upload the recording."
_NOT_UPLOADED: Final = "This is no file that was uploaded here; please upload the recording."
_NOT_PUBLIC: Final = "This belongs to the page; programs call {endpoints}."
_INCOMPLETE: Final = "/{endpoint} takes these values, in this order: {names}; only {n_given} came."
_NOT_UNDERSTOOD: Final = "This request is not understood; the page's foot, “Use via API”, shows how to ask."


class CheckedBlocks(gr.Blocks):
    """A page whose events are checked: who sent them, and whether the values are of the components' types.

    Whatever an event raises reaches the visitor as one sentence, never as ``null`` or a traceback.

    Parameters
    ----------
    endpoints : collection of str
        Names of the API's endpoints; programs may call no other event.
    **options
        As for `gradio.Blocks`.
    """

    def __init__(self, *, endpoints: Collection[str], **options: Any) -> None:
        self._endpoints = frozenset(endpoints)
        super().__init__(**options)

    async def process_api(
        self, block_fn: BlockFunction | int, inputs: list[Any], *args: Any, **options: Any
    ) -> dict[str, Any]:
        """Run an event, as Gradio does, and word what goes wrong."""
        function = self.fns[block_fn] if isinstance(block_fn, int) else block_fn
        self._refuse_strangers(function, options.get("request"))
        try:
            return await super().process_api(function, inputs, *args, **options)
        except gr.Error as error:
            error.print_exception = False  # its sentence is for the visitor; the log has no use for it
            raise
        except GenreAppError as error:
            raise _said(str(error)) from error
        except OSError as error:
            if not is_full(error):
                _log.exception("an event of the page failed")
                raise _said(FAILURE) from error
            raise _said(str(NoSpaceError())) from error
        except Exception as error:
            _log.exception("an event of the page failed")
            raise _said(FAILURE) from error

    async def preprocess_data(
        self,
        block_fn: BlockFunction,
        inputs: list[Any],
        state: Any,
        explicit_call: bool = False,  # noqa: FBT001, FBT002
    ) -> list[Any]:
        """Turn the values that were sent into those that the event's function gets."""
        if len(inputs) < len(block_fn.inputs):
            raise _said(self._what_is_missing(block_fn, len(inputs)))
        try:
            checked = [_checked(block, _local(value)) for block, value in zip(block_fn.inputs, inputs, strict=False)]
            values: list[Any] = await super().preprocess_data(block_fn, checked, state, explicit_call)
        except gr.Error as error:  # Gradio would print a traceback for each, and a stranger could fill the log
            raise _said(str(error.message)) from error
        except InvalidPathError as error:
            raise _said(_NOT_UPLOADED) from error
        except (ValueError, TypeError, OSError, LookupError, AttributeError, RuntimeError) as error:
            if isinstance(error, OSError) and is_full(error):
                raise  # the disk, and not what was sent
            _log.info("what was sent with an event is of no use (%s)", type(error).__name__)
            raise _said(_NOT_UNDERSTOOD) from error
        return values

    def _what_is_missing(self, function: BlockFunction, n_given: int) -> str:
        if function.api_name not in self._endpoints:
            return _NOT_UNDERSTOOD
        names = ", ".join(str(getattr(block, "label", "")) for block in function.inputs)
        return _INCOMPLETE.format(endpoint=function.api_name, names=names, n_given=n_given or "none")

    def _refuse_strangers(self, function: BlockFunction, request: Any) -> None:
        """Refuse an event of the page that its page has not sent; without a request, the app itself asks."""
        is_goodbye = any(name == "unload" for _, name in function.targets)
        if request is None or is_goodbye or function.api_name in self._endpoints:
            return
        if sender_of(Headers(dict(request.headers.items()))) != "page":
            raise _said(_NOT_PUBLIC.format(endpoints=" and ".join(f"/{name}" for name in sorted(self._endpoints))))


def _said(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)


def _local(value: Any) -> Any:
    """Replace the address of an uploaded file by its path, at any depth; any other address is refused."""
    if isinstance(value, list):
        return [_local(item) for item in value]
    if not isinstance(value, dict):
        return value
    path = value.get("path")
    if isinstance(path, str) and names_an_address(path):
        own = _OWN_FILE.fullmatch(path)
        local = unquote(own["path"]) if own else path
        if names_an_address(local):
            raise _said(_NOT_FETCHED)
        return {**value, "path": local, "url": None}
    return {name: _local(item) for name, item in value.items()}


def _checked(block: Any, value: Any) -> Any:
    """Return a value that is of its component's type, or None; anything else is a sentence that names the component."""
    if value is None or getattr(block, "stateful", False):
        return value
    types, name = _TYPES.get(str(_schema(block).get("type")), ((), ""))
    if not types:
        return value
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise _said(f"{_label(block)} must be {name}, not {_shown(value)}.")
    if isinstance(value, (int, float)) and not _is_finite(value):
        raise _said(f"{_label(block)} cannot be {_shown(value)}.")
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        return {"meta": {"_type": "gradio.FileData"}, **value}  # Gradio's mark of a file, which programs may leave out
    return value


def _schema(block: Any) -> dict[str, Any]:
    """Return the JSON Schema of what a component takes."""
    try:
        schema: Any = block.api_info_as_input()
    except NotImplementedError:
        return {}
    return schema if isinstance(schema, dict) else {}


def _label(block: Any) -> str:
    return f"The value of {block.label}" if getattr(block, "label", None) else "A value"


def _shown(value: Any) -> str:
    """Return a value as a person reads it, cut to a line."""
    try:
        text = printable(repr(value), replacement="")
    except ValueError:  # an integer of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS]}…"


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
