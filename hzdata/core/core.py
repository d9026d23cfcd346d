"""Small things that the whole client speaks of: addresses, members, events, JSON values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from .subscriptable import Subscriptable


class Address(NamedTuple):
    """Where a member listens.

    Parameters
    ----------
    host : str
        Host name or IP address.
    port : int

    Examples
    --------
    >>> Address("10.0.0.5", 5701)
    [10.0.0.5]:5701
    """

    host: str
    port: int

    def __repr__(self) -> str:
        return f"[{self.host}]:{self.port}"


class ProtocolType:
    """What a member's address is for.

    Examples
    --------
    >>> ProtocolType.CLIENT
    1
    """

    MEMBER = 0
    CLIENT = 1
    WAN = 2
    REST = 3
    MEMCACHE = 4


class EndpointQualifier(NamedTuple):
    """Names one of the addresses of a member.

    Parameters
    ----------
    protocol_type : int
        A ``ProtocolType``.
    identifier : str or None

    Examples
    --------
    >>> EndpointQualifier(ProtocolType.MEMBER, None) in client.cluster_service.get_members()[0].address_map
    True
    """

    protocol_type: int
    identifier: str | None


class MemberVersion(NamedTuple):
    """Version of a member's code base.

    Examples
    --------
    >>> str(MemberVersion(5, 4, 0)), MemberVersion(5, 4, 0) > MemberVersion(4, 2, 8)
    ('5.4.0', True)
    """

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class MemberInfo:
    """A member of the cluster, as the cluster tells of it.

    Parameters
    ----------
    address : Address
        Where it listens for members and clients.
    member_uuid : uuid.UUID
        Names this run of the member: it has another one after a restart.
    attributes : dict of str to str
        What its configuration says of it.
    lite_member : bool
        It holds no data.
    version : MemberVersion
    address_map : dict of EndpointQualifier to Address
        Its other addresses, by what they are for.

    Examples
    --------
    >>> member = client.cluster_service.get_members()[0]
    >>> member.lite_member, member.version > MemberVersion(4, 0, 0)
    (False, True)
    """

    __slots__ = ("address", "address_map", "attributes", "lite_member", "uuid", "version")

    def __init__(
        self,
        address: Address,
        member_uuid: UUID,
        attributes: dict[str, str] | None = None,
        lite_member: bool = False,
        version: MemberVersion | None = None,
        _: object = None,
        address_map: dict[EndpointQualifier, Address] | None = None,
    ) -> None:
        self.address = address
        self.uuid = member_uuid
        self.attributes = attributes or {}
        self.lite_member = lite_member
        self.version = version
        self.address_map = address_map or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemberInfo) and self.uuid == other.uuid and self.address == other.address

    def __hash__(self) -> int:
        return hash((self.uuid, self.address))

    def __repr__(self) -> str:
        return f"Member {self.address} - {self.uuid}{' lite' if self.lite_member else ''}"


class DistributedObjectEventType:
    """What happened to a distributed object.

    Examples
    --------
    >>> DistributedObjectEventType.CREATED
    'CREATED'
    """

    CREATED = "CREATED"
    DESTROYED = "DESTROYED"


class DistributedObjectEvent(NamedTuple):
    """A data structure was created or destroyed.

    Parameters
    ----------
    name : str
    service_name : str
        The service of the member it belongs to, such as ``hz:impl:mapService``.
    event_type : str
        A ``DistributedObjectEventType``.
    source : uuid.UUID
        The member where it happened.

    Examples
    --------
    >>> import queue
    >>> events = queue.SimpleQueue()
    >>> registration = client.add_distributed_object_listener(events.put).result()
    >>> novelty = client.get_map("novelty")
    >>> event = next(event for event in iter(events.get, None) if event.name == "novelty")
    >>> event.event_type, event.service_name
    ('CREATED', 'hz:impl:mapService')
    >>> client.remove_distributed_object_listener(registration).result()
    True
    """

    name: str
    service_name: str
    event_type: str
    source: UUID


class SimpleEntryView(NamedTuple):
    """A map entry with what the member knows about it. Times are milliseconds since the epoch, durations
    milliseconds.

    Examples
    --------
    >>> ages = client.get_map("viewed").blocking()
    >>> ages.set("Ada", 36, ttl=60)
    >>> view = ages.get_entry_view("Ada")
    >>> view.value, view.ttl
    (36, 60000)
    """

    key: Any
    value: Any
    cost: int
    creation_time: int
    expiration_time: int
    hits: int
    last_access_time: int
    last_stored_time: int
    last_update_time: int
    version: int
    ttl: int
    max_idle: int


@dataclass(slots=True, eq=False)
class MapEntry(Subscriptable):
    """An entry of a map, as aggregators and projections return it.

    Attributes
    ----------
    key, value : object
    """

    key: Any = None
    value: Any = None


class HazelcastJsonValue:
    """A JSON document that members can query by its attributes.

    Parameters
    ----------
    value : str or object
        A text is taken as it is, without validation; anything else is turned into JSON at once.

    Raises
    ------
    TypeError, ValueError
        When the object cannot be turned into JSON.

    Examples
    --------
    >>> document = HazelcastJsonValue({"name": "Ada"})
    >>> document.to_string(), document.loads()
    ('{"name": "Ada"}', {'name': 'Ada'})
    """

    __slots__ = ("_text",)

    def __init__(self, value: Any) -> None:
        if value is None:
            raise AssertionError("A JSON value cannot be None: write the text 'null' for JSON's null")
        self._text = value if isinstance(value, str) else json.dumps(value)

    def to_string(self) -> str:
        """Return the JSON text."""
        return self._text

    def loads(self) -> Any:
        """Return the Python object that the text stands for."""
        return json.loads(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HazelcastJsonValue) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    __str__ = to_string

    def __repr__(self) -> str:
        return f"HazelcastJsonValue({self._text!r})"
