"""The app, which writes down to where it connects and what it looks up beyond this machine."""

import ipaddress
import sys
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

OUTSIDE: Final = "connection to the outside:"


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        sys.stderr.write(f"{OUTSIDE} {host}\n")


def _is_here(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if not host or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    from genre_app.ui.launch import serve

    sys.addaudithook(_watch)
    serve()
