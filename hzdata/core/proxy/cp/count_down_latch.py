"""The CountDownLatch of the CP Subsystem."""

from __future__ import annotations

import uuid
from contextlib import suppress

from ...errors import OperationTimeoutError
from ...future import Future, Steps
from ...util import check_is_int, check_is_number, check_true, to_millis
from . import BaseCPProxy


class CountDownLatch(BaseCPProxy, service="hz:raft:countDownLatchService"):
    """Lets threads wait until something has happened so many times. It can be used again when the count is 0.

    Examples
    --------
    >>> latch = client.cp_subsystem.get_count_down_latch("ready").blocking()
    >>> latch.try_set_count(2)
    True
    """

    def await_latch(self, timeout: float) -> Future[bool]:
        """Wait until the count is 0; False when it was not within ``timeout`` seconds.

        Examples
        --------
        >>> latch.await_latch(timeout=0.1)
        False
        """
        check_is_number(timeout)
        return self._ask("await", uuid.uuid4(), to_millis(max(0.0, timeout)))

    def count_down(self) -> Future[None]:
        """Subtract 1 from the count, unless it is 0.

        Examples
        --------
        >>> latch.count_down()
        """
        return self._steps(self._count_down())

    def _count_down(self) -> Steps[None]:
        # With this id and the round, a request that arrives twice counts once.
        invocation_uid = uuid.uuid4()
        current: int = yield self._ask("getRound")
        while True:
            with suppress(OperationTimeoutError):
                yield self._ask("countDown", invocation_uid, current)
                return

    def get_count(self) -> Future[int]:
        """Return the count.

        Examples
        --------
        >>> latch.get_count()
        1
        """
        return self._ask("getCount")

    def try_set_count(self, count: int) -> Future[bool]:
        """Set the count, which must be above 0, if it is 0; True when it was."""
        check_is_int(count)
        check_true(count > 0, "Count must be positive")
        return self._ask("trySetCount", count)
