"""Every message that the client sends or takes, one row each, by service.

A type is ``0xSSMM00``: service, method; the response is the type + 1, the events of a listener follow from + 2 in the
order of their row. Parameters are in the order of the protocol, each ``name: Type``; ``?`` means nullable, as is in a
response what older members do not send. Adding a message is adding a row; ``messages.message()`` compiles it when it is
first asked for.

See: https://github.com/hazelcast/hazelcast-client-protocol
"""

from . import (
    client,
    collections,
    cp,
    executor,
    map,
    multi_map,
    numbers,
    replicated_map,
    sql,
    topics,
    transactions,
    vector,
)
from .row import Row

__all__ = ["MESSAGES", "Row"]

_SERVICES = (
    client, collections, cp, executor, map, multi_map, numbers, replicated_map, sql, topics, transactions, vector,
)  # fmt: skip

MESSAGES: dict[str, Row] = {name: row for service in _SERVICES for name, row in service.ROWS.items()}
