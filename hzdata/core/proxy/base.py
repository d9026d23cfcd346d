"""What all data structures share: their context, how they call members, and the blocking view."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from ..dispatch import Dispatcher
from ..future import Future, Incomplete
from ..network.bulk import BulkService
from ..network.connections import ConnectionManager
from ..network.invocation import InvocationService
from ..partition import PartitionTable, string_partition_strategy
from ..protocol.framing import Message
from ..protocol.messages import MessageType, message
from ..serialization.compact.schema import Schema, SchemaNotFoundError, SchemaNotReplicatedError
from ..serialization.data import Data
from ..serialization.hashing import partition_of
from ..util import acting_as, check_not_none, thread_id

if TYPE_CHECKING:
    from ..cluster import ClusterView
    from ..listener import ListenerService
    from ..schemas import SchemaService
    from ..serialization.service import SerializationService

__all__ = ["EntryEvent", "EntryEventType", "Proxy", "ProxyContext", "get_entry_listener_flags", "operation"]

_DESTROY = message("Client.destroyProxy")

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ProxyContext:
    """What a data structure needs of its client."""

    def __init__(
        self,
        serialization: SerializationService,
        schemas: SchemaService,
        invocations: InvocationService,
        connections: ConnectionManager,
        listeners: ListenerService,
        partitions: PartitionTable,
        cluster: ClusterView,
        dispatcher: Dispatcher,
        bulk: BulkService,
        forget_proxy: Callable[[str, str], None],
    ) -> None:
        self.serialization = serialization
        self.schemas = schemas
        self.invocations = invocations
        self.connections = connections
        self.listeners = listeners
        self.partitions = partitions
        self.cluster = cluster
        self.dispatcher = dispatcher
        self.bulk = bulk
        self.forget_proxy = forget_proxy

    def to_data(self, value: Any) -> Data | None:
        """Serialize; ``SchemaNotReplicatedError`` when the members lack the schema, which ``with_schemas`` answers."""
        return self.serialization.to_data(value)

    def to_object(self, data: bytes | None) -> Any:
        """Deserialize; ``Incomplete`` when the client lacks the schema, which the future that decodes answers."""
        try:
            return self.serialization.to_object(data)
        except SchemaNotFoundError as missing:
            schema_id = missing.schema_id
            raise Incomplete(lambda: self.schemas.fetch(schema_id)) from None

    def with_schemas(self, call: Callable[[], Future[_T]]) -> Future[_T]:
        """Call ``call``; when it needs a Compact schema that the members lack, send that and call it again."""
        try:
            return call()
        except SchemaNotReplicatedError as missing:
            return self.after_sending(missing.schema, call)

    def after_sending(self, schema: Schema, call: Callable[[], Future[_T]]) -> Future[_T]:
        """Send a Compact schema, then call ``call``, which found it missing, for the thread that calls this."""
        caller = thread_id()

        def again(replicated: Future[None]) -> Future[_T]:
            replicated.result()
            with acting_as(caller):
                return self.with_schemas(call)

        return self.schemas.replicate(schema).continue_with(again)


def operation(
    method: Callable[Concatenate[_Proxy, _P], Future[_T]],
) -> Callable[Concatenate[_Proxy, _P], Future[_T]]:
    """Mark a method that serializes: Compact schemas that members lack are sent first, then it runs again."""

    @functools.wraps(method)
    def call(self: _Proxy, /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        try:
            return method(self, *args, **kwargs)
        except SchemaNotReplicatedError as missing:
            return self._context.after_sending(missing.schema, lambda: method(self, *args, **kwargs))

    return call


class Proxy:
    """A data structure of the cluster.

    Attributes
    ----------
    name : str
    service_name : str
        The service of the members that keeps it, such as ``hz:impl:mapService``.
    """

    service_name: ClassVar[str]

    def __init__(self, name: str, context: ProxyContext) -> None:
        self.name = name
        self._context = context
        self._to_data = context.to_data
        self._to_object = context.to_object
        self._invoke_service = context.invocations.invoke

    def destroy(self) -> bool:
        """Remove the data structure and all that is in it from the cluster.

        Returns
        -------
        bool
            True when this client had it.
        """
        self._context.forget_proxy(self.service_name, self.name)
        self._invoke(_DESTROY, self.name, self.service_name).result()
        return True

    def blocking(self) -> Any:
        """Return the same data structure, whose operations wait and return plain results."""
        return BlockingProxy(self)

    def _invoke(
        self, message_type: MessageType, *parameters: Any, decode: Callable[[Message], Any] | None = None
    ) -> Future[Any]:
        """Ask any member."""
        return self._invoke_service(message_type, *parameters, decode=decode)

    def _invoke_on_key(
        self, message_type: MessageType, key: Data, *parameters: Any, decode: Callable[[Message], Any] | None = None
    ) -> Future[Any]:
        """Ask the member that owns the key, which is the second parameter of the message after the name."""
        return self._invoke_service(
            message_type,
            self.name,
            key,
            *parameters,
            partition_id=partition_of(key, self._context.partitions.count),
            decode=decode,
        )

    def _key(self, key: Any) -> Data:
        check_not_none(key, "The key cannot be None")
        data = self._to_data(key)
        assert data is not None
        return data

    def _value(self, value: Any) -> Data:
        check_not_none(value, "The value cannot be None")
        data = self._to_data(value)
        assert data is not None
        return data

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'


_Proxy = TypeVar("_Proxy", bound=Proxy)


class PartitionSpecificProxy(Proxy):
    """A data structure that lies in one partition, which its name decides."""

    def __init__(self, name: str, context: ProxyContext) -> None:
        super().__init__(name, context)
        data = context.to_data(string_partition_strategy(name))
        assert data is not None
        self._partition_id = partition_of(data, context.partitions.count)


class BlockingProxy:
    """A data structure whose operations wait for their result and return it."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._proxy, name)
        if not callable(attribute) or name.startswith("_"):
            return attribute

        @functools.wraps(attribute)
        def wait(*args: Any, **kwargs: Any) -> Any:
            result = attribute(*args, **kwargs)
            return result.result() if isinstance(result, Future) else result

        # Found at once next time.
        self.__dict__[name] = wait
        return wait

    def blocking(self) -> BlockingProxy:
        return self

    def __dir__(self) -> Iterable[str]:
        return dir(self._proxy)

    def __repr__(self) -> str:
        return f"Blocking{self._proxy!r}"


class EntryEventType:
    """What happened to an entry, or to a whole map."""

    ADDED = 1
    REMOVED = 2
    UPDATED = 4
    EVICTED = 8
    EXPIRED = 16
    EVICT_ALL = 32
    CLEAR_ALL = 64
    MERGED = 128
    INVALIDATION = 256
    LOADED = 512


class EntryEvent:
    """An entry was changed, or a whole map.

    Key and values are deserialized when they are first asked for: a listener that only counts pays for none of them,
    and one that cannot be deserialized here raises its error there, while the event tells the rest.

    Parameters
    ----------
    key, value, old_value, merging_value
        None where they play no part in the event, or were not asked for. A ``Future`` stands for its result.
    event_type : int
        An ``EntryEventType``.
    member_uuid : uuid.UUID
        The member where it happened.
    number_of_affected_entries : int
        How many entries an event for the whole map is about.
    """

    __slots__ = (
        "_key", "_merging_value", "_old_value", "_value", "event_type", "member_uuid", "number_of_affected_entries",
    )  # fmt: skip

    def __init__(
        self,
        key: Any,
        value: Any,
        old_value: Any,
        merging_value: Any,
        event_type: int,
        member_uuid: UUID,
        number_of_affected_entries: int,
    ) -> None:
        self._key = key
        self._value = value
        self._old_value = old_value
        self._merging_value = merging_value
        self.event_type = event_type
        self.member_uuid = member_uuid
        self.number_of_affected_entries = number_of_affected_entries

    @property
    def key(self) -> Any:
        """The entry's key."""
        return _resolved(self._key)

    @property
    def value(self) -> Any:
        """The entry's value now."""
        return _resolved(self._value)

    @property
    def old_value(self) -> Any:
        """The entry's value before."""
        return _resolved(self._old_value)

    @property
    def merging_value(self) -> Any:
        """The value that was merged in."""
        return _resolved(self._merging_value)

    def _fields(self) -> tuple[Any, ...]:
        return (
            self.key, self.value, self.old_value, self.merging_value,
            self.event_type, self.member_uuid, self.number_of_affected_entries,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EntryEvent) and self._fields() == other._fields()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = (
            "key", "value", "old_value", "merging_value", "event_type", "member_uuid", "number_of_affected_entries",
        )  # fmt: skip
        return f"EntryEvent({', '.join(f'{name}={_shown(self, name)}' for name in names)})"


def _resolved(value: Any) -> Any:
    return value.result() if isinstance(value, Future) else value


def _shown(event: EntryEvent, name: str) -> str:
    try:
        return repr(getattr(event, name))
    except Exception as error:
        return f"<cannot be read: {error}>"


def get_entry_listener_flags(**kwargs: Callable[[EntryEvent], Any] | None) -> int:
    """Return the event types, added up, for which a function is given: ``get_entry_listener_flags(ADDED=f)``."""
    return sum(getattr(EntryEventType, name) for name, function in kwargs.items() if function is not None)
