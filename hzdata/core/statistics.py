"""What a client tells of itself, for Management Center: once as text, ``name=value,…``, and once as metrics.

The text escapes ``,``, ``=``, ``.`` and the backslash in the names of near caches.
"""

from __future__ import annotations

import importlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .network.connection import Connection
from .network.handshake import CLIENT_TYPE, CLIENT_VERSION
from .protocol.metrics import BYTES, COUNT, MILLISECONDS, Metric, encode_metrics

if TYPE_CHECKING:
    from .context import Context

# What psutil and its Process of this process measure.
_GAUGES: dict[str, Callable[[Any, Any], int | float]] = {
    "os.totalPhysicalMemorySize": lambda psutil, _: psutil.virtual_memory().total,
    "os.freePhysicalMemorySize": lambda psutil, _: psutil.virtual_memory().available,
    "os.committedVirtualMemorySize": lambda _, process: process.memory_info().vms,
    "os.totalSwapSpaceSize": lambda psutil, _: psutil.swap_memory().total,
    "os.freeSwapSpaceSize": lambda psutil, _: psutil.swap_memory().free,
    "os.systemLoadAverage": lambda _, __: os.getloadavg()[0],
    "os.openFileDescriptorCount": lambda _, process: process.num_fds(),
    "os.maxFileDescriptorCount": lambda psutil, process: process.rlimit(psutil.RLIMIT_NOFILE)[0],
    "os.processCpuTime": lambda _, __: time.process_time_ns(),
    "runtime.availableProcessors": lambda psutil, _: psutil.cpu_count(),
    "runtime.usedMemory": lambda _, process: process.memory_info().rss,
    "runtime.uptime": lambda _, process: int(1000 * (time.time() - process.create_time())),
}


def start(context: Context) -> None:
    """Send them every ``statistics_period``, when ``statistics_enabled`` is set."""
    if context.config.statistics_enabled:
        psutil: Any = None
        with suppress(ImportError):  # Without it the process and the machine are not measured.
            psutil = importlib.import_module("psutil")
        context.reactor.call_every(context.config.statistics_period, lambda: _send(context, psutil))


def _send(context: Context, psutil: Any) -> None:
    # The same one as long as it lives, so that one member has the newest.
    for connection in context.connections.connections()[:1]:
        now = int(time.time() * 1000)
        metrics = [*_of_near_caches(context), *_of_process(psutil)]
        text = ",".join([*_of_client(context, now, connection), *map(_as_text, metrics)])
        context.ask("Client.statistics", now, text, encode_metrics(metrics), connection=connection)


def _of_client(context: Context, now: int, connection: Connection) -> list[str]:
    user = context.config.creds_username
    return [
        f"lastStatisticsCollectionTime={now}",
        "enterprise=false",
        f"clientType={CLIENT_TYPE}",
        f"clientVersion={CLIENT_VERSION}",
        f"clusterConnectionTimestamp={int(connection.since * 1000)}",
        f"clientAddress={connection.local_address.host}:{connection.local_address.port}",
        f"clientName={context.client_name}",
        *([] if user is None else [f"credentials.principal={user}"]),
    ]


def _of_near_caches(context: Context) -> Iterator[Metric]:
    for name, cache in context.near_caches.all().items():
        yield Metric("nearcache.creationTime", int(cache.created * 1000), name, MILLISECONDS)
        for counted in ("evictions", "hits", "misses", "expirations", "invalidations", "invalidationRequests"):
            yield Metric(f"nearcache.{counted}", cache.counts[counted], name, COUNT)
        yield Metric("nearcache.ownedEntryCount", len(cache), name, COUNT)
        yield Metric("nearcache.ownedEntryMemoryCost", cache.memory_cost, name, BYTES)


def _of_process(psutil: Any) -> Iterator[Metric]:
    for name, gauge in _GAUGES.items() if psutil else ():
        # Not all of it can be had on every system.
        with suppress(AttributeError, OSError, psutil.Error):
            yield Metric(name, gauge(psutil, psutil.Process()))


def _as_text(metric: Metric) -> str:
    if metric.subject is None:
        return f"{metric.name}={metric.value}"
    subject = re.sub(r"([,=.\\])", r"\\\1", metric.subject)
    return f"nc.{subject}.{metric.name.partition('.')[2]}={metric.value}"
