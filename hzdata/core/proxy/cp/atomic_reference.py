"""The AtomicReference of the CP Subsystem."""

from __future__ import annotations

from typing import Any

from ...future import Future
from . import BaseCPProxy

_NOTHING, _OLD_VALUE, _NEW_VALUE = 0, 1, 2


class AtomicReference(BaseCPProxy, service="hz:raft:atomicRefService", messages="AtomicRef"):
    """A value of any kind, None at first; it is compared by its serialized form.

    Functions (``alter`` and the like) are objects whose Java class, on the members, is an ``IFunction``.

    Examples
    --------
    >>> leader = client.cp_subsystem.get_atomic_reference("leader").blocking()
    >>> leader.compare_and_set(None, "me")
    True
    """

    def get(self) -> Future[Any]:
        """Return the value.

        Examples
        --------
        >>> leader.get()
        'me'
        """
        return self._ask("get")

    def set(self, new_value: Any) -> Future[None]:
        """Set the value.

        Examples
        --------
        >>> leader.set("you")
        """
        return self._ask("set", new_value, False)

    def get_and_set(self, new_value: Any) -> Future[Any]:
        """Set the value and return the one before.

        Examples
        --------
        >>> leader.get_and_set("they")
        'you'
        """
        return self._ask("set", new_value, True)

    def compare_and_set(self, expect: Any, update: Any) -> Future[bool]:
        """Set the value to ``update`` only when it is ``expect``; True when it was."""
        return self._ask("compareAndSet", expect, update)

    def is_none(self) -> Future[bool]:
        """Whether the value is None.

        Examples
        --------
        >>> leader.is_none()
        False
        """
        return self.contains(None)

    def clear(self) -> Future[None]:
        """Set the value to None.

        Examples
        --------
        >>> leader.clear()
        """
        return self.set(None)

    def contains(self, value: Any) -> Future[bool]:
        """Whether the value is ``value``.

        Examples
        --------
        >>> leader.contains("they")
        False
        """
        return self._ask("contains", value)

    def alter(self, function: Any) -> Future[None]:
        """Set the value to what a function makes of it.

        Examples
        --------
        >>> leader.alter(UpperCase())  # doctest: +SKIP
        """
        return self._ask_by("apply", function, _NOTHING, True)

    def alter_and_get(self, function: Any) -> Future[Any]:
        """Set the value to what a function makes of it, and return that.

        Examples
        --------
        >>> leader.alter_and_get(UpperCase())  # doctest: +SKIP
        'THEY'
        """
        return self._ask_by("apply", function, _NEW_VALUE, True)

    def get_and_alter(self, function: Any) -> Future[Any]:
        """Set the value to what a function makes of it, and return the value before.

        Examples
        --------
        >>> leader.get_and_alter(UpperCase())  # doctest: +SKIP
        'THEY'
        """
        return self._ask_by("apply", function, _OLD_VALUE, True)

    def apply(self, function: Any) -> Future[Any]:
        """Return what a function makes of the value, and leave that as it is.

        Examples
        --------
        >>> leader.apply(UpperCase())  # doctest: +SKIP
        'THEY'
        """
        return self._ask_by("apply", function, _NEW_VALUE, False)
