"""What all data structures share: their context, how they call members, and the blocking view."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from ..config import Config
from ..dispatch import Dispatcher
from ..future import Future
from ..network.bulk import BulkService
from ..network.connections import ConnectionManager
from ..network.invocation import InvocationService
from ..network.reactor import Reactor
from ..partition import PartitionTable, string_partition_strategy
from ..protocol.framing import Message
from ..protocol.messages import MessageType, message
from ..serialization.compact.schema import Schema, SchemaNotReplicatedError
from ..serialization.data import Data
from ..serialization.hashing import partition_of
from ..util import acting_as, check_not_none, thread_id
from .events import (
    EntryEvent,
    EntryEventType,
    ItemEvent,
    ItemEventType,
    TopicMessage,
    get_entry_listener_flags,
)
from .transactional import TransactionalProxy

if TYPE_CHECKING:
    from ..cluster import ClusterView
    from ..cp_sessions import CPSessions
    from ..listener import ListenerService
    from ..near_caches import NearCaches
    from ..schemas import SchemaService
    from ..serialization.service import SerializationService

__all__ = [
    "EntryEvent",
    "EntryEventType",
    "ItemEvent",
    "ItemEventType",
    "PartitionSpecificProxy",
    "Proxy",
    "ProxyContext",
    "TopicMessage",
    "TransactionalProxy",
    "get_entry_listener_flags",
    "operation",
]

_DESTROY = message("Client.destroyProxy")

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ProxyContext:
    """What a data structure needs of its client."""

    def __init__(
        self,
        config: Config,
        reactor: Reactor,
        serialization: SerializationService,
        schemas: SchemaService,
        invocations: InvocationService,
        connections: ConnectionManager,
        listeners: ListenerService,
        partitions: PartitionTable,
        cluster: ClusterView,
        dispatcher: Dispatcher,
        bulk: BulkService,
        forget_proxy: Callable[[str, str], bool],
        cp_sessions: CPSessions,
        near_caches: NearCaches,
    ) -> None:
        self.config = config
        self.reactor = reactor
        self.serialization = serialization
        self.to_data = serialization.to_data
        self.to_object = serialization.to_object
        self.schemas = schemas
        self.invocations = invocations
        self.connections = connections
        self.listeners = listeners
        self.partitions = partitions
        self.cluster = cluster
        self.dispatcher = dispatcher
        self.bulk = bulk
        self.forget_proxy = forget_proxy
        self.cp_sessions = cp_sessions
        self.near_caches = near_caches
        self.next_reference_id = itertools.count(1).__next__

    def partition_of(self, key: Data) -> int:
        """The partition of a serialized key."""
        return partition_of(key, self.partitions.count)

    def decoder(self, name: str) -> Callable[[Message], Any]:
        """What makes an object of an answer that is one."""
        decode = message(name).decode
        return lambda answer: self.to_object(decode(answer))

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


class _HasContext(Protocol):
    _context: ProxyContext


_Self = TypeVar("_Self", bound=_HasContext)


def operation(
    method: Callable[Concatenate[_Self, _P], Future[_T]],
) -> Callable[Concatenate[_Self, _P], Future[_T]]:
    """Mark a method that serializes: Compact schemas that members lack are sent first, then it runs again."""

    @functools.wraps(method)
    def call(self: _Self, /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
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

    SERVICE: ClassVar[str]
    _PREFIX: ClassVar[str]
    """Of its messages: ``Map`` in ``Map.get``."""
    _partition_id = -1

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        self.service_name = service_name
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
            True when this client had it; False when it was destroyed before.
        """
        was_known = self._context.forget_proxy(self.service_name, self.name)
        self._invoke_service(_DESTROY, self.name, self.service_name).result()
        return was_known

    def blocking(self) -> Any:
        """Return the same data structure, whose operations wait and return plain results."""
        return BlockingProxy(self)

    def _ask(self, row: MessageType, *parameters: Any, decode: Callable[[Message], Any] | None = None) -> Future[Any]:
        """Ask any member, or the owner of the partition where the structure lies."""
        return self._invoke_service(row, self.name, *parameters, partition_id=self._partition_id, decode=decode)

    def _ask_owner(
        self, row: MessageType, key: Data, *parameters: Any, decode: Callable[[Message], Any] | None = None
    ) -> Future[Any]:
        """Ask the member that owns the key, which comes after the name in the message."""
        return self._invoke_service(
            row,
            self.name,
            key,
            *parameters,
            partition_id=partition_of(key, self._context.partitions.count),
            decode=decode,
        )

    def _row(self, method: str) -> MessageType:
        return message(f"{self._PREFIX}.{method}")

    # What an answer holds, as objects.

    def _object(self, row: MessageType) -> Callable[[Message], Any]:
        to_object, decode = self._to_object, row.decode
        return lambda answer: to_object(decode(answer))

    def _objects(self, row: MessageType) -> Callable[[Message], list[Any]]:
        to_objects, decode = self._context.serialization.all_to_objects, row.decode
        return lambda answer: to_objects(decode(answer))

    def _pairs(self, row: MessageType) -> Callable[[Message], list[tuple[Any, Any]]]:
        to_object, decode = self._to_object, row.decode
        return lambda answer: [(to_object(key), to_object(value)) for key, value in decode(answer)]

    def _later(self, data: Data | None) -> Future[Any] | None:
        """Deserialize when the value is asked for; whoever does waits while a Compact schema is fetched."""
        if data is None:
            return None
        future: Future[Any] = Future(self._context.dispatcher)
        future.set_raw(data, self._to_object)
        return future

    # What a request takes.

    def _key(self, key: Any) -> Data:
        data = self._to_data(key)
        if data is None:
            raise AssertionError("The key cannot be None")
        return data

    def _value(self, value: Any) -> Data:
        data = self._to_data(value)
        if data is None:
            raise AssertionError("The value cannot be None")
        return data

    def _keys(self, keys: Iterable[Any]) -> list[bytes]:
        return self._context.serialization.all_to_data(list(keys), self._key)

    def _values(self, values: Iterable[Any], message: str = "The items cannot be None") -> list[bytes]:
        check_not_none(values, message)
        return self._context.serialization.all_to_data(list(values), self._value)

    # Listening.

    def _listen(
        self,
        add: MessageType,
        parameters: tuple[Any, ...],
        remove: MessageType,
        on_event: Callable[..., None],
    ) -> Future[str]:
        """Register a listener, called with the fields of each event."""
        return self._context.listeners.add(
            add,
            (self.name, *parameters),
            remove,
            lambda server_id: (self.name, server_id),
            lambda _, fields: on_event(*fields),
        )

    def _listen_to_entries(
        self,
        key: Any,
        predicate: Any,
        flags: tuple[Any, ...],
        functions: Mapping[str, Callable[[EntryEvent], Any] | None],
    ) -> Future[str]:
        by_type = {getattr(EntryEventType, name): function for name, function in functions.items()}
        # A key-specific registration must go to every member, as partitions move; those without the key stay silent.
        filters = [self._to_data(part) for part in (key, predicate) if part is not None]
        method = "addEntryListener" + "ToKey" * (key is not None) + "WithPredicate" * (predicate is not None)

        def on_event(
            key: Data | None,
            value: Data | None,
            old_value: Data | None,
            merging_value: Data | None,
            event_type: int,
            member_uuid: UUID,
            affected: int,
        ) -> None:
            function = by_type.get(event_type)
            if function is not None:
                later = self._later
                function(
                    EntryEvent(
                        later(key), later(value), later(old_value), later(merging_value),
                        event_type, member_uuid, affected,
                    )
                )  # fmt: skip

        return self._listen(self._row(method), (*filters, *flags), self._row("removeEntryListener"), on_event)

    def _forget_listener(self, registration_id: str) -> Future[bool]:
        return self._context.listeners.remove(registration_id)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'


class PartitionSpecificProxy(Proxy):
    """A data structure that lies in one partition, which its name decides."""

    def __init__(self, service_name: str, name: str, context: ProxyContext) -> None:
        super().__init__(service_name, name, context)
        data = context.to_data(string_partition_strategy(name))
        assert data is not None
        self._partition_id = partition_of(data, context.partitions.count)


class BlockingProxy:
    """A data structure whose operations wait for their result and return it."""

    def __init__(self, proxy: Any) -> None:
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
        return repr(self._proxy)
