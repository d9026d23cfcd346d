"""The AtomicLong of the CP Subsystem."""

from __future__ import annotations

from typing import Any

from ...future import Future
from ...util import check_is_int
from . import BaseCPProxy

_OLD_VALUE, _NEW_VALUE = 0, 1


class AtomicLong(BaseCPProxy, service="hz:raft:atomicLongService"):
    """A 64-bit integer, 0 at first.

    Functions (``alter`` and the like) are objects whose Java class, on the members, is an ``IFunction``.

    Examples
    --------
    >>> tickets = client.cp_subsystem.get_atomic_long("tickets").blocking()
    >>> tickets.increment_and_get()
    1
    """

    def get(self) -> Future[int]:
        """Return the value.

        Examples
        --------
        >>> tickets.get()
        1
        """
        return self._ask("get")

    def set(self, new_value: int) -> Future[None]:
        """Set the value.

        Examples
        --------
        >>> tickets.set(10)
        """
        return self.get_and_set(new_value).map(lambda _: None)

    def add_and_get(self, delta: int) -> Future[int]:
        """Add ``delta`` and return the value after.

        Examples
        --------
        >>> tickets.add_and_get(5)
        15
        """
        return self._with_int("addAndGet", delta)

    def get_and_add(self, delta: int) -> Future[int]:
        """Add ``delta`` and return the value before.

        Examples
        --------
        >>> tickets.get_and_add(5)
        15
        """
        return self._with_int("getAndAdd", delta)

    def get_and_set(self, new_value: int) -> Future[int]:
        """Set the value and return the one before.

        Examples
        --------
        >>> tickets.get_and_set(0)
        20
        """
        return self._with_int("getAndSet", new_value)

    def increment_and_get(self) -> Future[int]:
        """Add 1 and return the value after."""
        return self.add_and_get(1)

    def get_and_increment(self) -> Future[int]:
        """Add 1 and return the value before.

        Examples
        --------
        >>> tickets.get_and_increment()
        0
        """
        return self.get_and_add(1)

    def decrement_and_get(self) -> Future[int]:
        """Subtract 1 and return the value after.

        Examples
        --------
        >>> tickets.decrement_and_get()
        0
        """
        return self.add_and_get(-1)

    def get_and_decrement(self) -> Future[int]:
        """Subtract 1 and return the value before.

        Examples
        --------
        >>> tickets.get_and_decrement()
        0
        """
        return self.get_and_add(-1)

    def compare_and_set(self, expect: int, update: int) -> Future[bool]:
        """Set the value to ``update`` only when it is ``expect``; True when it was.

        Examples
        --------
        >>> tickets.compare_and_set(-1, 7), tickets.compare_and_set(-1, 8)
        (True, False)
        """
        check_is_int(expect)
        check_is_int(update)
        return self._ask("compareAndSet", expect, update)

    def _with_int(self, method: str, value: int) -> Future[int]:
        check_is_int(value)
        return self._ask(method, value)

    def alter(self, function: Any) -> Future[None]:
        """Set the value to what a function makes of it.

        Examples
        --------
        >>> tickets.alter(Doubled())  # doctest: +SKIP
        """
        return self._ask_by("alter", function, _NEW_VALUE).map(lambda _: None)

    def alter_and_get(self, function: Any) -> Future[int]:
        """Set the value to what a function makes of it, and return that.

        Examples
        --------
        >>> tickets.alter_and_get(Doubled())  # doctest: +SKIP
        28
        """
        return self._ask_by("alter", function, _NEW_VALUE)

    def get_and_alter(self, function: Any) -> Future[int]:
        """Set the value to what a function makes of it, and return the value before.

        Examples
        --------
        >>> tickets.get_and_alter(Doubled())  # doctest: +SKIP
        28
        """
        return self._ask_by("alter", function, _OLD_VALUE)

    def apply(self, function: Any) -> Future[Any]:
        """Return what a function makes of the value, and leave that as it is.

        Examples
        --------
        >>> tickets.apply(Doubled())  # doctest: +SKIP
        112
        """
        return self._ask_by("apply", function)
