"""Blocking and pipelined ``get`` beside the vendor's client and a bare socket: ``python -m benchmarks.calls``.

The bare socket exchanges the same bytes, encoded before the time starts, and decodes nothing: what a call costs the
kernel and the member.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import hzdata

from . import floor, vendor
from .measure import Side, machine, medians, report, run_rounds, say, table

MAP, KEY, VALUE = "bench_calls", 42, "a small value"
BLOCKING, PIPELINED = "blocking", "pipelined"


def main() -> None:
    """Measure, print tables, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=10_000, help="blocking calls a round; pipelined: ten times as many"
    )
    parser.add_argument("--in-flight", type=int, default=100, help="of pipelined calls")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/calls.json"))
    arguments = parser.parse_args()

    with hzdata.LocalCluster() as cluster:
        say(repr(cluster))
        theirs = vendor.connect(cluster.addresses, cluster.cluster_name)
        with floor.bare_socket(cluster.client) as (sock, _):
            ours = cluster.client.get_map(MAP)
            ours.blocking().put(KEY, VALUE)
            calls = floor.BareCalls(sock, cluster.client, MAP, KEY)
            results = {
                "calls": arguments.calls,
                "in_flight": arguments.in_flight,
                "rounds": arguments.rounds,
                "hazelcast": cluster.version,
                **machine(),
                **_measure(calls, ours, theirs.get_map(MAP), arguments),
            }
        theirs.shutdown()
    report(arguments.json, results, tables)


def _measure(calls: floor.BareCalls, ours: Any, theirs: Any, arguments: argparse.Namespace) -> dict[str, Any]:
    if (ours.blocking().get(KEY), theirs.blocking().get(KEY)) != (VALUE, VALUE):
        raise AssertionError("the clients do not read the same value")
    count, many, in_flight = arguments.calls, arguments.calls * 10, arguments.in_flight
    say(f"blocking get: {count:,} calls a round")
    blocking = [
        Side("bare socket", partial(calls.blocking, count)),
        Side("hzdata", partial(_one_by_one, ours.blocking().get, count)),
        Side("vendor's client", partial(_one_by_one, theirs.blocking().get, count)),
    ]
    run_rounds(blocking, arguments.rounds)
    say(f"pipelined get: {many:,} calls a round, {in_flight} in flight")
    pipelined = [
        Side("bare socket", partial(calls.pipelined, many, in_flight)),
        Side("hzdata", partial(_pipelined, ours.get, many, in_flight)),
        Side("vendor's client", partial(_pipelined, theirs.get, many, in_flight)),
    ]
    run_rounds(pipelined, arguments.rounds)
    return {
        BLOCKING: {
            side.name: {
                "p50": median(median(times) for times in side.results),
                "p99": median(quantiles(times, n=100)[98] for times in side.results),
                "cpu_a_call": medians(side)[1] / count,
            }
            for side in blocking
        },
        PIPELINED: {
            side.name: {"calls_per_second": many / medians(side)[0], "cpu_a_call": medians(side)[1] / many}
            for side in pipelined
        },
    }


def _one_by_one(get: Callable[[int], Any], count: int) -> list[float]:
    clock, times = perf_counter, []
    for _ in range(count):
        start = clock()
        get(KEY)
        times.append(clock() - start)
    return times


def _pipelined(get: Callable[[int], Any], count: int, in_flight: int) -> None:
    futures = deque(get(KEY) for _ in range(in_flight))
    for _ in range(count - in_flight):
        futures.popleft().result()
        futures.append(get(KEY))
    for future in futures:
        future.result()


def tables(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was measured as Markdown, from what the JSON file holds."""
    sides = results[BLOCKING]
    vendor_p50, bare_p50 = sides["vendor's client"]["p50"], sides["bare socket"]["p50"]
    yield table(
        f"Blocking `get` of a small value: {results['calls']:,} calls a round, medians of {results['rounds']} rounds.",
        ("", "p50 µs", "p99 µs", "client CPU µs", "p50 / bare socket", "p50 / vendor's"),
        [
            (
                name,
                f"{side['p50'] * 1e6:.0f}",
                f"{side['p99'] * 1e6:.0f}",
                f"{side['cpu_a_call'] * 1e6:.0f}",
                f"{side['p50'] / bare_p50:.2f}",
                f"{side['p50'] / vendor_p50:.2f}",
            )
            for name, side in sides.items()
        ],
    )
    sides = results[PIPELINED]
    theirs = sides["vendor's client"]["calls_per_second"]
    yield table(
        f"Pipelined `get`, {results['in_flight']} in flight: {results['calls'] * 10:,} calls a round, "
        f"medians of {results['rounds']} rounds.",
        ("", "calls/s", "client CPU µs", "faster than vendor's"),
        [
            (
                name,
                f"{side['calls_per_second']:,.0f}",
                f"{side['cpu_a_call'] * 1e6:.1f}",
                f"{side['calls_per_second'] / theirs:.1f} x",
            )
            for name, side in sides.items()
        ],
    )


if __name__ == "__main__":
    main()
