"""What all data structures share: their context, how they call members, and the blocking view."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from ..context import Context as Context
from ..future import Future, combine_futures
from ..partition import string_partition_strategy
from ..protocol.messages import MessageType, message
from ..serialization.compact.schema import SchemaNotReplicatedError
from ..serialization.data import Data
from ..serialization.hashing import partition_of, partitions_of
from ..subscriptable import Subscriptable
from ..util import check_not_none
from .events import (
    EntryEvent as EntryEvent,
    EntryEventType as EntryEventType,
    EntryFunction as EntryFunction,
    ItemEvent as ItemEvent,
    ItemEventType as ItemEventType,
    TopicMessage as TopicMessage,
    get_entry_listener_flags as get_entry_listener_flags,
)
from .transactional import TransactionalProxy as TransactionalProxy

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Self = TypeVar("_Self", bound="Proxy")


def operation(method: Callable[Concatenate[_Self, _P], Future[_T]]) -> Callable[Concatenate[_Self, _P], Future[_T]]:
    """Mark a method that serializes: Compact schemas that members lack are sent first, then it runs again."""

    @functools.wraps(method)
    def call(self: _Self, /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        return self._context.with_schemas(lambda: method(self, *args, **kwargs))

    return call


def listed(items: Iterable[Any], message: str = "The items cannot be None") -> list[Any]:
    """Return what is to be serialized, twice when a schema must be sent first: an iterator would be at its end."""
    check_not_none(items, message)
    return list(items)


class Structure(Subscriptable):
    """What members keep under a name. Its class says by which service, and what messages of it are called after.

    Examples
    --------
    >>> client.get_map("drafts")
    Map(name="drafts")
    """

    SERVICE: ClassVar[str]
    _PREFIX: ClassVar[str]
    """Of its messages: ``Map`` in ``Map.get``."""
    name: str

    def __init_subclass__(cls, *, service: str | None = None, messages: str | None = None, **others: Any) -> None:
        super().__init_subclass__(**others)  # A user's class may have more bases.
        if service is not None:
            cls.SERVICE, cls._PREFIX = service, messages or cls.__name__

    def blocking(self) -> Any:
        """Return the same data structure, whose operations wait and return plain results.

        Examples
        --------
        >>> client.get_map("drafts").blocking().size()
        0
        """
        return BlockingProxy(self)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'


class Proxy(Structure):
    """A data structure of the cluster.

    Attributes
    ----------
    name : str
    service_name : str
        The service of the members that keeps it, such as ``hz:impl:mapService``.

    Examples
    --------
    >>> drafts = client.get_map("drafts")
    >>> drafts.service_name
    'hz:impl:mapService'
    """

    _partition_id = -1

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        self.service_name = service_name
        self.name = name
        self._context = context
        self._to_data = context.to_data
        self._to_object = context.to_object
        self._key = context.key_to_data
        self._value = context.value_to_data
        self._invoke_service = context.invocations.invoke

    def destroy(self) -> bool:
        """Remove the data structure and all that is in it from the cluster.

        Returns
        -------
        bool
            True when this client had it; False when it was destroyed before.

        Examples
        --------
        >>> drafts.destroy(), drafts.destroy()
        (True, False)
        """
        was_known = self._context.proxies.pop((self.service_name, self.name), None) is not None
        self._invoke_service(message("Client.destroyProxy"), self.name, self.service_name).result()
        return was_known

    def _ask(
        self, method: str, *parameters: Any, partition_id: int | None = None, member_uuid: UUID | None = None
    ) -> Future[Any]:
        """Ask the owner of the message's key, else that of the partition where the structure lies, or any member.

        Parameters
        ----------
        method
            Of the message, with the structure's prefix left out.
        *parameters
            All but the name: objects where the message says ``Data``.
        partition_id, member_uuid
            Ask the owner of this partition, or this member.
        """
        context = self._context
        call = context.call(f"{self._PREFIX}.{method}")
        try:
            values = call.serialize([self.name, *parameters])
        except SchemaNotReplicatedError as missing:
            ask = functools.partial(self._ask, method, *parameters, partition_id=partition_id, member_uuid=member_uuid)
            return context.after_sending(missing.schema, ask)
        if partition_id is None:
            key = call.key
            partition_id = self._partition_id if key is None else partition_of(values[key], context.partitions.count)
        return self._invoke_service(
            call.row, *values, partition_id=partition_id, member_uuid=member_uuid, decode=call.decode
        )

    def _put_by_partition(self, keys: Sequence[bytes], values: Iterable[Any], *more: Any) -> Future[None]:
        row, invoke = self._row("putAll"), self._invoke_service
        # Keys and values by turns: a tuple for each entry would be work for the garbage collector, too.
        by_partition: dict[int, list[Any]] = defaultdict(list)
        partitions = partitions_of(keys, self._context.partitions.count)
        for key, value, partition_id in zip(keys, values, partitions, strict=True):
            by_partition[partition_id] += key, value
        return combine_futures(
            invoke(row, self.name, list(zip(some[::2], some[1::2], strict=True)), *more, partition_id=partition_id)
            for partition_id, some in by_partition.items()
        ).map(lambda _: None)

    def _row(self, method: str) -> MessageType:
        return message(f"{self._PREFIX}.{method}")

    def _later(self, data: Data | None) -> Future[Any] | None:
        """Deserialize when the value is asked for."""
        return None if data is None else self._context.undecoded(data, self._to_object)

    def _keys(self, keys: Iterable[Any]) -> list[bytes]:
        return self._context.serialization.all_to_data(list(keys), self._key)

    def _values(self, values: Iterable[Any]) -> list[bytes]:
        return self._context.serialization.all_to_data(listed(values), self._value)

    # Listening.

    def _listen(self, add: str, parameters: tuple[Any, ...], remove: str, on_event: Callable[..., None]) -> Future[str]:
        """Register a listener, called with the fields of each event."""
        return self._context.listeners.add(
            self._row(add), self._row(remove), (self.name, *parameters), lambda _, fields: on_event(*fields)
        )

    @operation
    def _listen_to_entries(
        self, key: Any, predicate: Any, flags: tuple[Any, ...], functions: Mapping[str, EntryFunction]
    ) -> Future[str]:
        by_type = {getattr(EntryEventType, name): function for name, function in functions.items()}
        # A key-specific registration must go to every member, as partitions move; those without the key stay silent.
        filters = [self._to_data(part) for part in (key, predicate) if part is not None]
        method = "addEntryListener" + "ToKey" * (key is not None) + "WithPredicate" * (predicate is not None)

        def on_event(*fields: Any) -> None:
            *entry, event_type, member_uuid, affected = fields
            function = by_type.get(event_type)
            if function is not None:
                key, value, old_value, merging_value = map(self._later, entry)
                function(EntryEvent(key, value, old_value, merging_value, event_type, member_uuid, affected))

        return self._listen(method, (*filters, *flags), "removeEntryListener", on_event)


class PartitionSpecificProxy(Proxy):
    """A data structure that lies in one partition, which its name decides.

    Examples
    --------
    >>> isinstance(client.get_queue("drafts"), PartitionSpecificProxy)
    True
    """

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        self._partition_id = context.partition_of(self._key(string_partition_strategy(name)))


class View(Subscriptable):
    """Another way to call a structure, which is asked for whatever is not here."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        if name == "_wrapped":  # Not there yet, in a copy.
            raise AttributeError(name)
        return getattr(self._wrapped, name)

    def __dir__(self) -> Iterable[str]:
        return {*super().__dir__(), *dir(self._wrapped)}

    def __repr__(self) -> str:
        return repr(self._wrapped)


class BlockingProxy(View):
    """A data structure whose operations wait for their result and return it."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """That of the structure, as far as ``isinstance`` goes."""
        return type(self._wrapped)

    def __getattr__(self, name: str) -> Any:
        attribute = super().__getattr__(name)
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

    def __reduce__(self) -> tuple[Any, ...]:
        return BlockingProxy, (self._wrapped,)
