"""From the text of an address to the addresses that are tried."""

from __future__ import annotations

import ipaddress

from ..core import Address
from ..errors import InvalidConfigurationError

DEFAULT_PORTS = (5701, 5702, 5703)
"""Tried in this order when an address says no port: members on one machine take the next free one."""

NO_PORT = -1


def parse_address(text: str) -> Address:
    """Read ``host``, ``host:port``, ``[ipv6]:port`` or a bare IPv6 address; the port is -1 when there is none.

    Raises
    ------
    InvalidConfigurationError
        When the text is no address.

    Examples
    --------
    >>> parse_address("10.0.0.5:5702")
    [10.0.0.5]:5702
    """
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise InvalidConfigurationError(f"{text!r} is no address: write [IPv6]:port")
        port = rest[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, ""
    if not _is_host(host) or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise InvalidConfigurationError(f"{text!r} is no address: write host or host:port, such as 10.0.0.5:5701")
    return Address(host, int(port) if port else NO_PORT)


def _is_host(text: str) -> bool:
    try:
        # The second is what looking a name up begins with: it refuses empty and overlong labels.
        ipaddress.IPv6Address(text) if ":" in text else text.encode("idna")
    except ValueError:
        return False
    return bool(text) and not any(c.isspace() or c in "/[]@?#," for c in text)


def possible_addresses(address: Address) -> list[Address]:
    """Return what an address may mean: itself, or with no port each of the default ones."""
    if address.port != NO_PORT:
        return [address]
    return [Address(address.host, port) for port in DEFAULT_PORTS]
