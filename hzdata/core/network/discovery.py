"""Where the client reaches members: at the configured addresses, at their own, or at those that the cloud tells."""

from __future__ import annotations

import random
from collections.abc import Iterable

from ..config import Config
from ..core import Address, MemberInfo, ProtocolType
from ..errors import HazelcastIOError, IllegalStateError
from .addresses import parse_address, possible_addresses
from .cloud import public_addresses


class Discovery:
    """Finds the addresses to connect to."""

    def __init__(self, config: Config) -> None:
        if config.cloud_discovery_token is not None and config.cluster_members:
            raise IllegalStateError(f"give one: cloud_discovery_token or cluster_members={config.cluster_members}")
        self._config = config
        self._in_cloud = config.cloud_discovery_token is not None
        # In the cloud, where the addresses that members tell are reached.
        self._public: dict[Address, Address] = {}

    def refresh(self) -> None:
        """Ask the cloud, if that is where the members are; blocks.

        Raises
        ------
        HazelcastError
            When it does not tell; what it told before is kept.
        """
        if self._in_cloud:
            timeout = self._config.connection_timeout or None
            self._public = public_addresses(self._config.cloud_discovery_token, timeout)

    def candidates(self, members: Iterable[MemberInfo]) -> list[Address]:
        """Return what to try for a first connection: members that are known, then the configured addresses."""
        if self._in_cloud:
            known, configured = [], list(self._public.values())
        else:
            known = [self.address_of(member) for member in members]
            texts = self._config.cluster_members or ["127.0.0.1"]
            configured = [address for text in texts for address in possible_addresses(parse_address(text))]
        if self._config.shuffle_member_list:
            random.shuffle(known)
            random.shuffle(configured)
        return list(dict.fromkeys(known + configured))

    def address_of(self, member: MemberInfo) -> Address:
        """Where a member is reached: with ``use_public_ip`` at its public address, if it has one.

        Raises
        ------
        HazelcastError
            When the cloud had to be asked, which blocks, and does not tell.
        """
        if self._in_cloud:
            if member.address not in self._public:
                self.refresh()
            if member.address not in self._public:
                raise HazelcastIOError(f"the cloud tells no public address of {member}")
            return self._public[member.address]
        if self._config.use_public_ip:
            for qualifier, address in member.address_map.items():
                if qualifier.protocol_type == ProtocolType.CLIENT and qualifier.identifier == "public":
                    return address
        return member.address
