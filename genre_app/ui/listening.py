"""Where the page is served: name and port, checked before anything is loaded."""

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass
from typing import Final

from genre_app.errors import OutputError

_NAME: Final = "GRADIO_SERVER_NAME"
_PORT: Final = "GRADIO_SERVER_PORT"
_FIRST_PORT: Final = 7860
_DEFAULT_NAME: Final = "127.0.0.1"
_MOST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served.

    Attributes
    ----------
    name : str
        Host name or address, an IPv6 one in brackets.
    port : int or None
        None for the first that is free, from `GRADIO_SERVER_PORT` or 7860 on.
    """

    name: str
    port: int | None


def place_to_listen(port: int | None) -> Place:
    """Read where the page is to be served, and check that this machine allows it.

    Parameters
    ----------
    port : int or None
        Asked for on the command line.

    Raises
    ------
    OutputError
        The name is not one of this machine, or the port is no port, is taken, or may not be used.
    """
    # Gradio reads both when it is imported, and takes neither an IPv6 address nor a wrong number.
    name = os.environ.pop(_NAME, "").strip() or _DEFAULT_NAME
    first = os.environ.get(_PORT, "").strip() or str(_FIRST_PORT)
    if not (first.isascii() and first.isdecimal()) or not 0 < int(first) <= _MOST_PORT:
        raise OutputError(f"The environment variable {_PORT} must be a number from 1 to {_MOST_PORT}, not {first!r}.")
    bare = name.removeprefix("[").removesuffix("]")
    try:
        _bind(bare, port or 0)
    except UnicodeError as error:  # no name of a host
        raise OutputError(_wrong_name(bare)) from error
    except OSError as error:
        raise OutputError(_why_not(bare, port, error)) from error
    return Place(f"[{bare}]" if _is_ipv6(bare) else bare, port)


def _bind(name: str, port: int) -> None:
    """Take a port and give it back."""
    family, kind, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        if os.name != "nt":  # there it means that the port may be shared
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _why_not(name: str, port: int | None, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"The page cannot be served: port {port} is in use."
    if error.errno == errno.EACCES:
        return f"The page cannot be served: this user may not use port {port}; please choose one from 1024 on."
    return _wrong_name(name)


def _wrong_name(name: str) -> str:
    return f"The page cannot be served on {name!r}, which is no address of this machine; please change {_NAME}."


def _is_ipv6(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).version == 6
    except ValueError:
        return False
