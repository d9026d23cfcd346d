"""The structures as they are within a transaction. Their operations wait, and return plain results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from ..predicate import PagingPredicate, Predicate
from ..protocol.framing import Message
from ..protocol.messages import MessageType, message
from ..serialization.data import Data
from ..util import check_not_none, to_millis

if TYPE_CHECKING:
    from ..transaction import Transaction
    from .base import ProxyContext

__all__ = [
    "TransactionalList",
    "TransactionalMap",
    "TransactionalMultiMap",
    "TransactionalProxy",
    "TransactionalQueue",
    "TransactionalSet",
]

Decoder = Callable[["TransactionalProxy", MessageType], Callable[[Message], Any]]


def _one(proxy: TransactionalProxy, row: MessageType) -> Callable[[Message], Any]:
    return lambda answer: proxy.context.to_object(row.decode(answer))


def _many(proxy: TransactionalProxy, row: MessageType) -> Callable[[Message], list[Any]]:
    return lambda answer: [proxy.context.to_object(data) for data in row.decode(answer)]


class TransactionalProxy:
    """A structure within a transaction.

    Attributes
    ----------
    name : str
    transaction : Transaction
    """

    _PREFIX: ClassVar[str]

    def __init__(self, name: str, transaction: Transaction, context: ProxyContext) -> None:
        self.name = name
        self.transaction = transaction
        self.context = context

    def _ask(self, method: str, *values: Any, also: tuple[int, ...] = (), decode: Decoder | None = None) -> Any:
        """Ask within the transaction; ``values`` are serialized, ``also`` goes as it is."""
        self.transaction.check_thread()
        row = message(f"{self._PREFIX}.{method}")
        datas: list[Data | None] = self.context.schemas.call_with_schemas(
            lambda: [self.context.to_data(value) for value in values]
        )
        return self.context.invocations.invoke(
            row,
            self.name,
            self.transaction.id,
            self.transaction.thread_id,
            *datas,
            *also,
            connection=self.transaction.connection,
            decode=decode and decode(self, row),
        ).result()

    def size(self) -> int:
        """Return how many items or entries there are."""
        found: int = self._ask("size")
        return found

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'


def _checked(*values: Any) -> None:
    for value in values:
        check_not_none(value, "Keys, values and items cannot be None")


class _Items(TransactionalProxy):
    def add(self, item: Any) -> bool:
        """Add an item; True when the structure has changed by it."""
        _checked(item)
        changed: bool = self._ask("add", item)
        return changed

    def remove(self, item: Any) -> bool:
        """Remove one occurrence of an item; True when there was one."""
        _checked(item)
        changed: bool = self._ask("remove", item)
        return changed


class TransactionalList(_Items):
    """A list within a transaction."""

    _PREFIX = "TransactionalList"


class TransactionalSet(_Items):
    """A set within a transaction."""

    _PREFIX = "TransactionalSet"


class TransactionalQueue(TransactionalProxy):
    """A queue within a transaction. Timeouts are seconds."""

    _PREFIX = "TransactionalQueue"

    def offer(self, item: Any, timeout: float = 0) -> bool:
        """Add an item at the tail, if there is room in time."""
        _checked(item)
        added: bool = self._ask("offer", item, also=(to_millis(timeout),))
        return added

    def take(self) -> Any:
        """Remove the item at the head and return it, waiting for as long as there is none."""
        return self._ask("take", decode=_one)

    def poll(self, timeout: float = 0) -> Any:
        """Remove the item at the head and return it; None when there was none in time."""
        return self._ask("poll", also=(to_millis(timeout),), decode=_one)

    def peek(self, timeout: float = 0) -> Any:
        """Return the item at the head and leave it there; None when there was none in time."""
        return self._ask("peek", also=(to_millis(timeout),), decode=_one)


class TransactionalMultiMap(TransactionalProxy):
    """A multi-map within a transaction."""

    _PREFIX = "TransactionalMultiMap"

    def put(self, key: Any, value: Any) -> bool:
        """Add a value to those of a key; False when it had it already."""
        _checked(key, value)
        added: bool = self._ask("put", key, value)
        return added

    def get(self, key: Any) -> list[Any]:
        """Return the values of a key."""
        _checked(key)
        found: list[Any] = self._ask("get", key, decode=_many)
        return found

    def remove(self, key: Any, value: Any) -> bool:
        """Remove one value of a key; True when it had it."""
        _checked(key, value)
        removed: bool = self._ask("removeEntry", key, value)
        return removed

    def remove_all(self, key: Any) -> list[Any]:
        """Remove a key with all its values, and return these."""
        _checked(key)
        removed: list[Any] = self._ask("remove", key, decode=_many)
        return removed

    def value_count(self, key: Any) -> int:
        """Return how many values a key has."""
        _checked(key)
        found: int = self._ask("valueCount", key)
        return found


class TransactionalMap(TransactionalProxy):
    """A map within a transaction. What it changes is locked for others until the transaction ends."""

    _PREFIX = "TransactionalMap"

    def contains_key(self, key: Any) -> bool:
        """Whether there is an entry of ``key``."""
        _checked(key)
        found: bool = self._ask("containsKey", key)
        return found

    def get(self, key: Any) -> Any:
        """Return the value of ``key``, or None."""
        _checked(key)
        return self._ask("get", key, decode=_one)

    def get_for_update(self, key: Any) -> Any:
        """Lock ``key`` until the transaction ends, and return its value, or None."""
        _checked(key)
        return self._ask("getForUpdate", key, decode=_one)

    def is_empty(self) -> bool:
        """Whether there are no entries."""
        found: bool = self._ask("isEmpty")
        return found

    def put(self, key: Any, value: Any, ttl: float | None = None) -> Any:
        """Set the value of ``key`` and return the one before; ``ttl`` is seconds to live, counted from the commit."""
        _checked(key, value)
        return self._ask("put", key, value, also=(to_millis(ttl),), decode=_one)

    def put_if_absent(self, key: Any, value: Any) -> Any:
        """Set the value of ``key`` when it has none; return the one it has, or None."""
        _checked(key, value)
        return self._ask("putIfAbsent", key, value, decode=_one)

    def set(self, key: Any, value: Any) -> None:
        """Set the value of ``key``."""
        _checked(key, value)
        self._ask("set", key, value)

    def replace(self, key: Any, value: Any) -> Any:
        """Set the value of ``key`` only when it has one; return the one before, or None."""
        _checked(key, value)
        return self._ask("replace", key, value, decode=_one)

    def replace_if_same(self, key: Any, old_value: Any, new_value: Any) -> bool:
        """Set the value of ``key`` only when it is ``old_value``; True when it was."""
        _checked(key, old_value, new_value)
        replaced: bool = self._ask("replaceIfSame", key, old_value, new_value)
        return replaced

    def remove(self, key: Any) -> Any:
        """Remove the entry of ``key`` and return its value, or None."""
        _checked(key)
        return self._ask("remove", key, decode=_one)

    def remove_if_same(self, key: Any, value: Any) -> bool:
        """Remove the entry of ``key`` only when its value is ``value``; True when it was."""
        _checked(key, value)
        removed: bool = self._ask("removeIfSame", key, value)
        return removed

    def delete(self, key: Any) -> None:
        """As ``remove``, without sending the value back."""
        _checked(key)
        self._ask("delete", key)

    def key_set(self, predicate: Predicate | None = None) -> list[Any]:
        """Return the keys, or those of the entries that a predicate accepts."""
        return self._query("keySet", predicate)

    def values(self, predicate: Predicate | None = None) -> list[Any]:
        """Return the values, or those of the entries that a predicate accepts."""
        return self._query("values", predicate)

    def _query(self, method: str, predicate: Predicate | None) -> list[Any]:
        if isinstance(predicate, PagingPredicate):
            raise NotImplementedError("Paging predicate is not supported in transactional map")
        found: list[Any]
        if predicate is None:
            found = self._ask(method, decode=_many)
        else:
            found = self._ask(f"{method}WithPredicate", predicate, decode=_many)
        return found
