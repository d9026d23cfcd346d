"""The structures as they are within a transaction. Their operations wait, and return plain results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..predicate import PagingPredicate, Predicate
from ..subscriptable import Subscriptable
from ..util import to_millis

if TYPE_CHECKING:
    from ..context import Context
    from ..transaction import Transaction


class TransactionalProxy(Subscriptable):
    """A structure within a transaction.

    Attributes
    ----------
    name : str
    transaction : Transaction

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     transaction.get_queue("tx-orders").size()
    0
    """

    def __init__(self, name: str, transaction: Transaction, context: Context) -> None:
        self.name = name
        self.transaction = transaction
        self.context = context

    def _ask(self, method: str, *parameters: Any) -> Any:
        transaction = self.transaction
        transaction.check_thread()
        within = (self.name, transaction.id, transaction.thread_id)
        # Messages are called as the classes of this module are.
        message = f"{type(self).__name__}.{method}"
        transaction.asked = self.context.ask(message, *within, *parameters, connection=transaction.connection)
        return transaction.asked.result()

    def size(self) -> int:
        """Return how many items or entries there are."""
        return int(self._ask("size"))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(name="{self.name}")'


class _Items(TransactionalProxy):
    def add(self, item: Any) -> bool:
        """Add an item; True when the structure has changed by it."""
        return bool(self._ask("add", item))

    def remove(self, item: Any) -> bool:
        """Remove one occurrence of an item; True when there was one."""
        return bool(self._ask("remove", item))


class TransactionalList(_Items):
    """A list within a transaction.

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     steps = transaction.get_list("tx-steps")
    ...     steps.add("boil"), steps.remove("pour"), steps.size()
    (True, False, 1)
    """


class TransactionalSet(_Items):
    """A set within a transaction.

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     seen = transaction.get_set("tx-seen")
    ...     seen.add("a"), seen.remove("b"), seen.size()
    (True, False, 1)
    """


class TransactionalQueue(TransactionalProxy):
    """A queue within a transaction. Timeouts are seconds.

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     jobs = transaction.get_queue("tx-jobs")
    ...     jobs.offer("first"), jobs.offer("second", timeout=1)
    ...     jobs.peek(), jobs.poll(), jobs.take(), jobs.size()
    (True, True)
    ('first', 'first', 'second', 0)
    """

    def offer(self, item: Any, timeout: float = 0) -> bool:
        """Add an item at the tail, if there is room in time."""
        return bool(self._ask("offer", item, to_millis(timeout)))

    def take(self) -> Any:
        """Remove the item at the head and return it, waiting for as long as there is none."""
        return self._ask("take")

    def poll(self, timeout: float = 0) -> Any:
        """Remove the item at the head and return it; None when there was none in time."""
        return self._ask("poll", to_millis(timeout))

    def peek(self, timeout: float = 0) -> Any:
        """Return the item at the head and leave it there; None when there was none in time."""
        return self._ask("peek", to_millis(timeout))


class TransactionalMultiMap(TransactionalProxy):
    """A multi-map within a transaction.

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     tags = transaction.get_multi_map("tx-tags")
    ...     tags.put("post-1", "python"), tags.put("post-1", "sql"), tags.put("post-2", "sql")
    ...     tags.value_count("post-1"), tags.remove("post-1", "sql"), tags.get("post-1")
    ...     tags.remove_all("post-2"), tags.size()
    (True, True, True)
    (2, True, ['python'])
    (['sql'], 1)
    """

    def put(self, key: Any, value: Any) -> bool:
        """Add a value to those of a key; False when it had it already."""
        return bool(self._ask("put", key, value))

    def get(self, key: Any) -> list[Any]:
        """Return the values of a key."""
        return list(self._ask("get", key))

    def remove(self, key: Any, value: Any) -> bool:
        """Remove one value of a key; True when it had it."""
        return bool(self._ask("removeEntry", key, value))

    def remove_all(self, key: Any) -> list[Any]:
        """Remove a key with all its values, and return these."""
        return list(self._ask("remove", key))

    def value_count(self, key: Any) -> int:
        """Return how many values a key has."""
        return int(self._ask("valueCount", key))


class TransactionalMap(TransactionalProxy):
    """A map within a transaction. What it changes is locked for others until the transaction ends.

    Examples
    --------
    >>> with client.new_transaction() as transaction:
    ...     stock = transaction.get_map("tx-stock")
    ...     stock.set("apples", 3)
    ...     stock.get_for_update("apples"), stock.put("apples", 5), stock.get("apples")
    (3, 3, 5)
    >>> with client.new_transaction() as transaction:
    ...     stock = transaction.get_map("tx-stock")
    ...     stock.replace_if_same("apples", 5, 6), stock.put_if_absent("apples", 1), stock.replace("apples", 7)
    ...     stock.contains_key("pears"), stock.is_empty(), stock.size()
    ...     stock.key_set(), stock.values()
    ...     stock.remove_if_same("apples", 1), stock.remove("apples"), stock.delete("pears")
    (True, 6, 6)
    (False, False, 1)
    (['apples'], [7])
    (False, 7, None)
    """

    def contains_key(self, key: Any) -> bool:
        """Whether there is an entry of ``key``."""
        return bool(self._ask("containsKey", key))

    def get(self, key: Any) -> Any:
        """Return the value of ``key``, or None."""
        return self._ask("get", key)

    def get_for_update(self, key: Any) -> Any:
        """Lock ``key`` until the transaction ends, and return its value, or None."""
        return self._ask("getForUpdate", key)

    def is_empty(self) -> bool:
        """Whether there are no entries."""
        return bool(self._ask("isEmpty"))

    def put(self, key: Any, value: Any, ttl: float | None = None) -> Any:
        """Set the value of ``key`` and return the one before; ``ttl`` is seconds to live, counted from the commit."""
        return self._ask("put", key, value, to_millis(ttl))

    def put_if_absent(self, key: Any, value: Any) -> Any:
        """Set the value of ``key`` when it has none; return the one it has, or None."""
        return self._ask("putIfAbsent", key, value)

    def set(self, key: Any, value: Any) -> None:
        """Set the value of ``key``."""
        self._ask("set", key, value)

    def replace(self, key: Any, value: Any) -> Any:
        """Set the value of ``key`` only when it has one; return the one before, or None."""
        return self._ask("replace", key, value)

    def replace_if_same(self, key: Any, old_value: Any, new_value: Any) -> bool:
        """Set the value of ``key`` only when it is ``old_value``; True when it was."""
        return bool(self._ask("replaceIfSame", key, old_value, new_value))

    def remove(self, key: Any) -> Any:
        """Remove the entry of ``key`` and return its value, or None."""
        return self._ask("remove", key)

    def remove_if_same(self, key: Any, value: Any) -> bool:
        """Remove the entry of ``key`` only when its value is ``value``; True when it was."""
        return bool(self._ask("removeIfSame", key, value))

    def delete(self, key: Any) -> None:
        """As ``remove``, without sending the value back."""
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
        if predicate is None:
            return list(self._ask(method))
        return list(self._ask(f"{method}WithPredicate", predicate))
