"""The generator of ids that are unique in the cluster."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from ..config import FlakeIdGeneratorConfig
from ..future import Future, ImmediateFuture
from .base import Context, Proxy


class FlakeIdGenerator(Proxy, service="hz:impl:flakeIdGeneratorService"):
    """Makes 64-bit ids that are unique in the cluster and roughly in the order of time, without asking for each.

    They are fetched in batches; ``flake_id_generators`` in the client's configuration says how many at a time and for
    how long they may be used.

    Examples
    --------
    >>> order_id = client.get_flake_id_generator("orders").blocking().new_id()
    """

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        options = context.config.flake_id_generators.get(name) or FlakeIdGeneratorConfig()
        self._batch_size: int = options.prefetch_count
        self._validity: float = options.prefetch_validity
        self._lock = threading.Lock()
        self._batches: deque[tuple[float, Iterator[int]]] = deque()

    def new_id(self) -> Future[int]:
        """Return an id that no other call in the cluster returns.

        Raises
        ------
        HazelcastError
            From the future: every member's number is beyond those that an id has room for.
        """
        with self._lock:
            # Those of a client that was shut down, or belongs to another process, are others'.
            found = self._next() if self._context.invocations.is_open else None
        if found is not None:
            return ImmediateFuture(found)

        def first_of(done: Future[Any]) -> int:
            batch = done.result()
            ids = iter(range(batch.base, batch.base + batch.increment * batch.batch_size, batch.increment))
            first = next(ids)
            with self._lock:
                self._batches.append((time.monotonic() + self._validity, ids))
            return first

        return self._ask("newIdBatch", self._batch_size).then(first_of)

    def _next(self) -> int | None:
        now = time.monotonic()
        while self._batches:
            until, ids = self._batches[0]
            found = next(ids, None) if self._validity == 0 or now < until else None
            if found is not None:
                return found
            self._batches.popleft()
        return None
