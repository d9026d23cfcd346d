"""The map with a near cache: what was read of it is kept in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..future import Future
from ..near_cache import MISSING
from ..protocol.framing import Message
from ..protocol.messages import MessageType, message
from ..serialization.data import Data
from ..util import thread_id
from .base import Context, operation
from .map import Map

_GET = message("Map.get")
_GET_ALL = message("Map.getAll")

_KEYS: dict[str, Callable[..., Iterable[Data]]] = {
    "Map.executeOnKeys": lambda processor, keys: keys,
    "Map.loadGivenKeys": lambda keys, replace: keys,
    "Map.putAll": lambda entries, load: [key for key, _ in entries],
}
"""Of what changes several entries: which of its parameters are their keys."""


class NearCachedMap(Map):
    """A ``Map`` that asks its near cache first, and drops from it what is changed here, before that is done."""

    def __init__(self, service_name: str, name: str, context: Context) -> None:
        super().__init__(service_name, name, context)
        self._near_cache = context.near_caches.open(name)
        self._invoke = self._invoke_service
        self._invoke_service = self._invoke_and_drop  # type: ignore[assignment]

    @operation
    def get(self, key: Any) -> Future[Any]:
        """Return the value of ``key``, or None, from the near cache when it is there.

        The value is a copy, unless the near cache keeps objects: then it is the same for all, and not to be changed.
        """
        near, data = self._near_cache, self._key(key)
        kept = self._look(data)
        if kept is not MISSING:
            return self._context.undecoded(kept, self._given)
        token, partition_id = near.token(data), self._context.partition_of(data)

        def decode(answer: Message) -> Any:
            return self._kept(data, _GET.decode(answer), token)

        return self._invoke(_GET, self.name, data, thread_id(), partition_id=partition_id, decode=decode)

    @operation
    def contains_key(self, key: Any) -> Future[bool]:
        """Whether there is an entry of ``key``, as far as the near cache knows, else the cluster."""
        data = self._key(key)
        kept = self._look(data)
        if kept is not MISSING:
            return self._context.undecoded(kept, lambda value: value is not None)
        return self._ask("containsKey", data, thread_id())

    def destroy(self) -> bool:
        """Remove the map and all that is in it from the cluster."""
        destroyed = super().destroy()
        self._near_cache.invalidate(None)
        self._context.near_caches.listen(self.name).result()
        return destroyed

    def _invoke_and_drop(self, row: MessageType, *parameters: Any, **how: Any) -> Future[Any]:
        if row is _GET_ALL:
            return self._read_all(*parameters, **how)
        asked = self._invoke(row, *parameters, **how)
        if row.retryable:
            # It changes nothing: it may be run twice.
            return asked
        key, keys = self._context.call(row.name).key, _KEYS.get(row.name)
        # What tells no keys may change any entry.
        changed = [parameters[key]] if key is not None else keys(*parameters[1:]) if keys is not None else None

        def drop(done: Future[Any]) -> Future[Any]:
            # Also when it failed: it may have been done all the same.
            self._near_cache.invalidate(changed)
            return done

        return asked.then(drop)

    def _read_all(self, name: str, wanted: list[Data], partition_id: int, decode: Any) -> Future[Any]:
        near = self._near_cache
        known = {key: kept for key in wanted if (kept := self._look(key)) is not MISSING}
        tokens = {key: near.token(key) for key in wanted if key not in known}

        def entries(answer: Message | None) -> dict[Any, Any]:
            read = dict(_GET_ALL.decode(answer)) if answer is not None else {}
            values = {key: self._kept(key, read.get(key), token) for key, token in tokens.items()}
            values.update((key, self._given(kept)) for key, kept in known.items())
            return {self._to_object(key): value for key, value in values.items() if value is not None}

        if not tokens:
            return self._context.undecoded(None, entries)
        return self._invoke(_GET_ALL, name, list(tokens), partition_id=partition_id, decode=entries)

    def _look(self, key: Data) -> Any:
        # Of a client that was shut down, or belongs to another process, nobody keeps it fresh.
        return self._near_cache.read(key) if self._context.invocations.is_open else MISSING

    def _kept(self, key: Data, data: Data | None, token: tuple[int, int]) -> Any:
        value = self._to_object(data)
        self._near_cache.keep(key, value if self._near_cache.keeps_objects else data, token)
        return value

    def _given(self, kept: Any) -> Any:
        return kept if self._near_cache.keeps_objects else self._to_object(kept)
