"""What a member measures of itself, as the dashboard shows it."""

from __future__ import annotations

from hzdata.core.protocol.metrics import Metric
from hzdata.widgets.vitals import vitals_of


def test_what_clients_measure_of_themselves_is_not_the_members() -> None:
    members = [
        Metric("runtime.usedMemory", 3_000),
        Metric("runtime.maxMemory", 9_000),
        Metric("runtime.uptime", 60_000),
    ]
    clients = [Metric(name, 7, client="a-client") for name in ("runtime.usedMemory", "runtime.uptime")]
    for metrics in (members + clients, clients + members):
        vitals = vitals_of(metrics, now=100.0)
        assert vitals is not None
        assert (vitals.heap_used, vitals.up_since) == (3_000, 40.0)
