"""Compact schemas and the cluster: a schema goes to the members before the first value of it, and comes from them.

A member takes values of a schema it has never seen without complaint and fails when something must read them, so a
value leaves only after ``Client.sendSchema`` was answered.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import HazelcastSerializationError
from .future import Future, ImmediateFuture, Steps, steps
from .serialization.compact.schema import Schema

if TYPE_CHECKING:
    from .context import Context

T = TypeVar("T")

_SEND_ATTEMPTS = 100
_SEND_PAUSE = 0.1


class SchemaService:
    """Sends schemas to the cluster and fetches them from it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.schemas = context.serialization.schemas
        self.schemas.fetch = self.fetch
        self._lock = threading.RLock()
        self._sending: dict[int, Future[None]] = {}
        self._fetching: dict[int, Future[Schema]] = {}

    def replicate(self, schema: Schema) -> Future[None]:
        """Send a schema to all members; done when they have it. Many callers share one sending."""
        self.schemas.put(schema)
        if self.schemas.is_replicated(schema.schema_id):
            return ImmediateFuture(None)
        return self._shared(self._sending, schema.schema_id, self._send(schema))

    def fetch(self, schema_id: int) -> Future[Schema]:
        """Get a schema that some value carries from the cluster; many callers share one fetch."""
        known = self.schemas.get(schema_id)
        if known is not None:
            return ImmediateFuture(known)
        return self._shared(self._fetching, schema_id, self._fetch(schema_id))

    def _shared(self, under_way: dict[int, Future[T]], schema_id: int, work: Steps[T]) -> Future[T]:
        def removed_at_its_end() -> Steps[T]:
            try:
                return (yield from work)
            finally:
                # Before anyone sees that it is done.
                with self._lock:
                    under_way.pop(schema_id, None)

        with self._lock:
            future = under_way.get(schema_id)
            if future is None:
                future = steps(self._context.dispatcher, removed_at_its_end())
                if not future.done():
                    under_way[schema_id] = future
            return future

    def _send(self, schema: Schema) -> Steps[None]:
        for _ in range(_SEND_ATTEMPTS):
            have_it = set((yield self._context.ask("Client.sendSchema", schema)) or ())
            missing = {m.uuid for m in self._context.cluster.get_members()} - have_it
            # The answer of a member of 5.0 names nobody.
            if not (have_it and missing):
                self.schemas.mark_replicated(schema)
                return
            # A member that has just joined may lack it: sent again until the answer names every member that is known.
            yield self._context.after(_SEND_PAUSE)
        silent = ", ".join(sorted(map(str, missing)))
        raise HazelcastSerializationError(f"the schema of {schema.type_name} was not taken by members {silent}")

    def _fetch(self, schema_id: int) -> Steps[Schema]:
        holder = yield self._context.ask("Client.fetchSchema", schema_id)
        if holder is None:
            raise HazelcastSerializationError(f"the cluster does not know the Compact schema {schema_id} of a value")
        schema = Schema(holder.type_name, holder.fields)
        if schema.schema_id != schema_id:
            # Or whoever wants the value would ask for its schema for ever.
            raise HazelcastSerializationError(
                f"the cluster answered schema {schema.schema_id} of {schema.type_name} when asked for {schema_id}"
            )
        self.schemas.mark_replicated(schema)
        return schema

    def send_all(self, **route: Any) -> Future[Any]:
        """Send every schema that the client knows, to a cluster that may have none of them."""
        schemas = self.schemas.all()
        return self._context.ask("Client.sendAllSchemas", schemas, **route) if schemas else ImmediateFuture(None)
