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
_DEFAULT_PORT: Final = 7860
_DEFAULT_NAME: Final = "127.0.0.1"
_MOST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served.

    Attributes
    ----------
    name : str
        Host name or address, an IPv6 one in brackets.
    port : int
        Free when it was checked.
    """

    name: str
    port: int


class PortTakenError(OutputError):
    """Another program listens on the port, or this one does in another window.

    Parameters
    ----------
    port : int
        The port.
    """

    def __init__(self, port: int) -> None:
        other = port + 1 if port < _MOST_PORT else _DEFAULT_PORT
        super().__init__(
            f"The page cannot be served: port {port} is in use, perhaps by this app in another window; please choose "
            f"another one, with {_PORT}={other} or genre serve --port {other}."
        )
        self.port = port


def place_to_listen(port: int | None) -> Place:
    """Read where the page is to be served, and check that this machine allows it.

    Parameters
    ----------
    port : int or None
        Asked for on the command line; None for that of ``GRADIO_SERVER_PORT``, or 7860.

    Raises
    ------
    PortTakenError
        The port is in use.
    OutputError
        The name is not one of this machine, or the port is no port or may not be used.
    """
    # Gradio reads both when it is imported, and takes neither an IPv6 address nor a wrong number.
    name = os.environ.pop(_NAME, "").strip() or _DEFAULT_NAME
    usual = os.environ.get(_PORT, "").strip() or str(_DEFAULT_PORT)
    if not (usual.isascii() and usual.isdecimal()) or not 0 < int(usual) <= _MOST_PORT:
        raise OutputError(f"The environment variable {_PORT} must be a number from 1 to {_MOST_PORT}, not {usual!r}.")
    port = port or int(usual)
    bare = name.removeprefix("[").removesuffix("]")
    try:
        _bind(bare, port)
    except UnicodeError as error:  # no name of a host
        raise OutputError(_wrong_name(bare)) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(port) from error
        raise OutputError(_why_not(bare, port, error)) from error
    return Place(f"[{bare}]" if _is_ipv6(bare) else bare, port)


def _bind(name: str, port: int) -> None:
    """Take a port and give it back."""
    family, kind, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        if os.name != "nt":  # there it means that the port may be shared
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _why_not(name: str, port: int, error: OSError) -> str:
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
