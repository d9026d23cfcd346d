"""What is said on a new connection before anything else. Sans-I/O: builds the request, reads the answer.

See: ``Client.authentication`` in the protocol.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from ..config import Config
from ..core import Address
from ..errors import AuthenticationError, ClientNotAllowedInClusterError, HazelcastError, create_error_from_message
from ..protocol.framing import Message
from ..protocol.messages import message

PROTOCOL_PREAMBLE = b"CP2"
"""The first three bytes on a new connection."""

CLIENT_TYPE = "PYH"
CLIENT_VERSION = "5.7.0"
"""The version whose protocol is spoken."""
_SERIALIZATION_VERSION = 1
_TO_ALL = 0  # Members: requests go to each of them.

_AUTHENTICATE = message("Client.authentication")

# By status; that of who is let in is 0.
_REFUSALS: dict[int, tuple[type[HazelcastError], str]] = {
    1: (AuthenticationError, "refused cluster_name={!r} or credentials: check it, creds_username and creds_password"),
    2: (AuthenticationError, "speaks another version of serialization than 1: it is too old or too new"),
    3: (ClientNotAllowedInClusterError, "does not let this client into the cluster"),
}


class Authentication(NamedTuple):
    """What a member says of itself when it lets a client in."""

    member_uuid: UUID
    server_version: str
    partition_count: int
    cluster_id: UUID


def authentication_request(config: Config, address: Address, client_uuid: UUID, client_name: str) -> bytearray:
    """Build the request that names the client, its cluster and its credentials."""
    said = client_uuid, CLIENT_TYPE, _SERIALIZATION_VERSION, CLIENT_VERSION, client_name, config.labels, _TO_ALL, False
    if config.token_provider is not None:
        token = config.token_provider.token(address)
        return message("Client.authenticationCustom").encode(config.cluster_name, bytes(token), *said)
    return _AUTHENTICATE.encode(config.cluster_name, config.creds_username, config.creds_password, *said)


def read_authentication(answer: Message, config: Config, address: Address) -> Authentication:
    """Read the answer to ``authentication_request``.

    Raises
    ------
    AuthenticationError, ClientNotAllowedInClusterError
        When the member refuses.
    """
    if answer.is_error():
        raise create_error_from_message(answer)
    response = _AUTHENTICATE.decode(answer)
    if response.status != 0:
        cls, text = _REFUSALS.get(response.status, (AuthenticationError, "refused this client"))
        raise cls(f"{address} {text.format(config.cluster_name)}")
    version = response.server_hazelcast_version or ""
    return Authentication(response.member_uuid, version, response.partition_count, response.cluster_id)
