"""The endpoints as tools of language models: what Gradio's MCP server takes and answers, in this app's words."""

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from gradio.mcp import GradioMCPServer

#: Where a sentence of Gradio's client goes on with what only its own page shows.
_GRADIO_S_ADVICE: Final = " Please click on"
#: The address of an upload, as the event's checks know it on whatever machine.
_OWN_FILE: Final = "http://localhost/gradio_api/file="
_NO_FILE: Final = (
    "This is no recording that can be used: please send its content as data:audio/mpeg;base64,…, or upload it to "
    "/gradio_api/upload and send the path that is answered."
)


def word(server: "GradioMCPServer") -> None:
    """Let tools take an upload's path, answer in JSON, and say what is wrong; Gradio has no options for these.

    Parameters
    ----------
    server : gradio.mcp.GradioMCPServer
        That of the page, which is changed in place.
    """
    convert, prepare, answer = (
        server.convert_strings_to_filedata,
        server._prepare_tool_call_args,
        server.postprocess_output_data,
    )

    def prepared(name: str, arguments: dict[str, Any]) -> Any:
        try:
            return prepare(name, arguments)
        except TypeError as error:
            raise ValueError(advice_left_out(error)) from error

    def converted(value: Any, filedata_positions: list[list[str | int]]) -> Any:
        names = {str(position[0]) for position in filedata_positions} & set(value)
        addresses = {name: _address(value[name]) for name in names if isinstance(value[name], str)}
        try:
            return convert(value | addresses, filedata_positions)
        except (ValueError, OSError) as error:  # neither an address nor base64
            raise ValueError(_NO_FILE) from error

    def answered(data: Any, root_url: str) -> Any:
        return [
            part.model_copy(update={"text": json.dumps(value, ensure_ascii=False)})
            for value in data
            for part in answer([value], root_url)
        ]

    server.__dict__.update(
        convert_strings_to_filedata=converted, _prepare_tool_call_args=prepared, postprocess_output_data=answered
    )


def advice_left_out(error: TypeError) -> str:
    """Return what Gradio's client says of a call's arguments, without its advice for Gradio's own page."""
    return str(error).partition(_GRADIO_S_ADVICE)[0]


def _address(value: str) -> str:
    """Return the address of what may be an upload's path; never the path: Gradio's client would send any such file."""
    return f"{_OWN_FILE}{quote(value)}" if value.startswith("/") else value
