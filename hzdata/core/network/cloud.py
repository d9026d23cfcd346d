"""Where the members of a cluster in Hazelcast Cloud are reached: they know their private addresses only."""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import quote

from ..core import Address
from ..discovery import HazelcastCloudDiscovery
from ..errors import AuthenticationError, HazelcastCertificationError, HazelcastError, HazelcastIOError
from .addresses import NO_PORT, parse_address


def public_addresses(token: str, timeout: float | None) -> dict[Address, Address]:
    """Ask the coordinator for the public address of each member, by its private one.

    Raises
    ------
    AuthenticationError
        When the coordinator knows no cluster of that token.
    HazelcastCertificationError
        When it is not the coordinator who answers.
    HazelcastIOError
        When it does not answer, or not as it should. The token is in no message.
    """
    coordinator = HazelcastCloudDiscovery._CLOUD_URL_BASE
    connection = http.client.HTTPSConnection(coordinator, timeout=timeout, context=ssl.create_default_context())
    try:
        connection.request("GET", f"/cluster/discovery?token={quote(token, safe='')}")
        response = connection.getresponse()
        status, body = response.status, response.read()
    except ssl.SSLCertVerificationError as error:
        raise HazelcastCertificationError(f"{coordinator}: {error}", error) from error
    except (OSError, http.client.HTTPException) as error:
        raise HazelcastIOError(f"{coordinator} tells no addresses: {error}", error) from error
    finally:
        connection.close()
    if 400 <= status < 500:
        raise AuthenticationError(f"{coordinator} refused the cloud_discovery_token (HTTP status {status})")
    if status != http.HTTPStatus.OK:
        raise HazelcastIOError(f"{coordinator} tells no addresses: HTTP status {status}")
    try:
        return dict(_read(member["private-address"], member["public-address"]) for member in json.loads(body))
    except (ValueError, TypeError, KeyError, HazelcastError) as error:
        raise HazelcastIOError(f"{coordinator} answered what is no list of addresses: {error!r}", error) from error


def _read(private: str, public: str) -> tuple[Address, Address]:
    outside, inside = parse_address(public), parse_address(private)
    return (Address(inside.host, outside.port) if inside.port == NO_PORT else inside), outside
