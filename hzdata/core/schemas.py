"""Compact schemas and the cluster: a schema goes to the members before the first value of it, and comes from them.

A member takes values of a schema it has never seen without complaint and fails when something must read them, so a
value leaves only after ``Client.sendSchema`` was answered.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .cluster import ClusterView
from .dispatch import Dispatcher
from .errors import HazelcastClientNotActiveError, HazelcastSerializationError
from .future import Future, ImmediateFuture
from .network.invocation import InvocationService
from .network.reactor import Reactor
from .protocol.messages import message
from .serialization.compact.schema import Schema, SchemaNotReplicatedError, Schemas

__all__ = ["SchemaService"]

_logger = logging.getLogger(__name__)

T = TypeVar("T")

_SEND = message("Client.sendSchema")
_FETCH = message("Client.fetchSchema")
_SEND_ALL = message("Client.sendAllSchemas")

_SEND_ATTEMPTS = 100
_SEND_PAUSE = 0.1


@dataclass(repr=False, eq=False)
class SchemaService:
    """Sends schemas to the cluster and fetches them from it. Only ``call_with_schemas`` blocks."""

    schemas: Schemas
    invocations: InvocationService
    cluster: ClusterView
    reactor: Reactor
    dispatcher: Dispatcher

    def __post_init__(self) -> None:
        self.schemas.fetch = self.fetch
        self._lock = threading.Lock()
        self._sending: dict[int, Future[None]] = {}
        self._fetching: dict[int, Future[Schema]] = {}

    def replicate(self, schema: Schema) -> Future[None]:
        """Send a schema to all members; done when they have it. Many callers share one sending."""
        self.schemas.put(schema)
        if self.schemas.is_replicated(schema.schema_id):
            return ImmediateFuture(None)
        with self._lock:
            under_way = self._sending.get(schema.schema_id)
            if under_way is not None:
                return under_way
            sent: Future[None] = Future(self.dispatcher)
            self._sending[schema.schema_id] = sent
        self._send(schema, sent, 1)
        return sent

    def call_with_schemas(self, call: Callable[[], T]) -> T:
        """Call ``call`` until it finds members to lack no Compact schema, sending those it finds. Blocks meanwhile."""
        while True:
            try:
                return call()
            except SchemaNotReplicatedError as missing:
                self.replicate(missing.schema).result()

    def _send(self, schema: Schema, sent: Future[None], attempt: int) -> None:
        # A member that joins meanwhile may lack it: sent again until the answer names every member that is known.
        answer = self.invocations.invoke(_SEND, schema)

        def on_answer() -> None:
            try:
                have_it = set(answer.result() or ())
            except Exception as error:
                self._end_sending(schema)
                sent.set_exception(error)
                return
            missing = {m.uuid for m in self.cluster.members()} - have_it
            # The answer of a member of 5.0 names nobody.
            if have_it and missing and attempt < _SEND_ATTEMPTS:
                self.reactor.call_later(_SEND_PAUSE, lambda: self._send(schema, sent, attempt + 1))
                return
            if have_it and missing:
                self._end_sending(schema)
                silent = ", ".join(sorted(map(str, missing)))
                sent.set_exception(
                    HazelcastSerializationError(
                        f"the schema of {schema.type_name} could not be replicated: members {silent} did not take it"
                    )
                )
                return
            self.schemas.mark_replicated(schema)
            self._end_sending(schema)
            sent.set_result(None)

        answer.when_done(on_answer)

    def _end_sending(self, schema: Schema) -> None:
        with self._lock:
            self._sending.pop(schema.schema_id, None)

    def shutdown(self) -> None:
        """Fail the sendings that pause between two attempts, when the I/O thread that would go on has ended."""
        with self._lock:
            pausing = list(self._sending.values())
            self._sending.clear()
        for sent in pausing:
            sent.set_exception(HazelcastClientNotActiveError("the client was shut down"))

    def fetch(self, schema_id: int) -> Future[Schema]:
        """Get a schema that some value carries from the cluster; many callers share one fetch."""
        known = self.schemas.get(schema_id)
        if known is not None:
            return ImmediateFuture(known)
        with self._lock:
            under_way = self._fetching.get(schema_id)
            if under_way is not None:
                return under_way
            fetched: Future[Schema] = Future(self.dispatcher)
            self._fetching[schema_id] = fetched
        answer = self.invocations.invoke(_FETCH, schema_id)

        def on_answer() -> None:
            try:
                holder = answer.result()
                if holder is None:
                    raise HazelcastSerializationError(
                        f"a value is of the Compact schema {schema_id}, which the cluster does not know"
                    )
                schema = Schema(holder.type_name, [(field.name, field.kind) for field in holder.fields])
                if schema.schema_id != schema_id:
                    # Or whoever wants the value would ask for its schema for ever.
                    raise HazelcastSerializationError(
                        f"the cluster answered schema {schema.schema_id} of {schema.type_name} "
                        f"when asked for {schema_id}"
                    )
                self.schemas.mark_replicated(schema)
            except Exception as error:
                with self._lock:
                    self._fetching.pop(schema_id, None)
                fetched.set_exception(error)
                return
            with self._lock:
                self._fetching.pop(schema_id, None)
            fetched.set_result(schema)

        answer.when_done(on_answer)
        return fetched

    def send_all(self, **route: Any) -> Future[Any]:
        """Send every schema that the client knows, to a cluster that may have none of them."""
        schemas = self.schemas.all()
        return self.invocations.invoke(_SEND_ALL, schemas, **route) if schemas else ImmediateFuture(None)
