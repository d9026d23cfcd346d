"""Locks on the keys of a map or multi-map."""

from __future__ import annotations

from typing import Any

from ..future import Future
from ..util import thread_id, to_millis
from .base import Proxy


class KeyLocking(Proxy):
    """A structure whose keys can be locked. A lock belongs to a thread of a client; it is re-entrant.

    Examples
    --------
    >>> seats = client.get_map("seats").blocking()
    """

    def lock(self, key: Any, lease_time: float | None = None) -> Future[None]:
        """Lock a key, waiting for as long as another thread has it. The key need not be there.

        Parameters
        ----------
        key
        lease_time
            Seconds after which it is unlocked by itself; None for never.

        Examples
        --------
        >>> seats.lock("12A", lease_time=60)
        """
        return self._locking("lock", key, thread_id(), to_millis(lease_time))

    def try_lock(self, key: Any, lease_time: float | None = None, timeout: float = 0) -> Future[bool]:
        """As ``lock``, but wait for at most ``timeout`` seconds; False when another thread had it all the time.

        Examples
        --------
        >>> seats.try_lock("12A", timeout=1)
        True
        """
        return self._locking("tryLock", key, thread_id(), to_millis(lease_time), to_millis(timeout))

    def unlock(self, key: Any) -> Future[None]:
        """Unlock a key that this thread has locked, as often as it was locked.

        Raises
        ------
        IllegalMonitorStateError
            From the future: another thread has it, or none.

        Examples
        --------
        >>> seats.unlock("12A")
        """
        return self._locking("unlock", key, thread_id())

    def force_unlock(self, key: Any) -> Future[None]:
        """Unlock a key, whoever has locked it.

        Examples
        --------
        >>> seats.force_unlock("12A")
        """
        return self._locking("forceUnlock", key)

    def is_locked(self, key: Any) -> Future[bool]:
        """Whether some thread has locked the key.

        Examples
        --------
        >>> seats.is_locked("12A")
        False
        """
        return self._ask("isLocked", key)

    def _locking(self, method: str, key: Any, *parameters: int) -> Future[Any]:
        # By its reference id the member knows a request that it gets a second time.
        return self._ask(method, key, *parameters, self._context.next_reference_id())
