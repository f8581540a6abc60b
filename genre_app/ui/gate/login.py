"""The login: comparing name and password, and how often somebody may try."""

import hashlib
import hmac
import ipaddress
import time
from collections import deque
from collections.abc import Callable
from typing import Final

#: Tries of one address within the time below. A person who mistypes needs three or four.
_MOST_TRIES: Final = 10
#: Tries of all addresses together: with a password of eight random letters and digits, guessing takes a million years.
_MOST_TRIES_OF_ALL: Final = 200
_WITHIN_S: Final = 60.0
#: Whoever rents one IPv6 address has this whole network.
_IPV6_NETWORK_BITS: Final = 64


def login_check(name: str, password: str) -> Callable[[str, str], bool]:
    """Return Gradio's ``auth``: whether a name and a password are these, in a time that says nothing about either."""
    expected = _digest(name) + _digest(password)

    def is_right(given_name: str, given_password: str) -> bool:
        return hmac.compare_digest(_digest(given_name) + _digest(given_password), expected)

    return is_right


def _digest(text: str) -> bytes:
    """Return 32 bytes, whatever the length of the text; lone surrogates count as well."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Tries:
    """Counts tries to log in, by address and in all, and refuses more of them than a minute allows.

    A try counts from its start, so that tries sent at the same moment count as well; one that succeeds does not.

    Parameters
    ----------
    clock : callable
        Seconds, for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: When and from where, the oldest first: never more than `_MOST_TRIES_OF_ALL`.
        self._tries: deque[tuple[float, str]] = deque()

    def begin(self, address: str) -> bool:
        """Count a try, and return whether it may go on; one that may not is not counted."""
        now = self._clock()
        while self._tries and now - self._tries[0][0] >= _WITHIN_S:
            self._tries.popleft()
        network = network_of(address)
        n_own = sum(tried_from == network for _, tried_from in self._tries)
        if n_own >= _MOST_TRIES or len(self._tries) >= _MOST_TRIES_OF_ALL:
            return False
        self._tries.append((now, network))
        return True

    def succeed(self, address: str) -> None:
        """Forget the tries of an address that has logged in."""
        network = network_of(address)
        self._tries = deque(entry for entry in self._tries if entry[1] != network)


def network_of(address: str) -> str:
    """Return what counts as one visitor: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK_BITS), strict=False))
    return str(parsed)
