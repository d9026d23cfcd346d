"""Calls of a map beside the vendor's client and a bare socket: ``python -m benchmarks.calls``.

One at a time, many in flight, and the ones that move many entries. The bare socket exchanges the same bytes, encoded
before the time starts, and decodes nothing: what a call costs the kernel and the member.
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

VENDOR = "vendor's client"
MAP, KEY, VALUE = "bench_calls", 42, "a small value"
BLOCKING, BLOCKING_PUT, PIPELINED, MANY = "blocking", "blocking_put", "pipelined", "many"


def main() -> None:
    """Measure, print tables, write JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=10_000, help="blocking calls a round; pipelined: ten times as many"
    )
    parser.add_argument("--in-flight", type=int, default=100, help="of pipelined calls")
    parser.add_argument("--entries", type=int, default=100_000, help="of the calls that move many")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results/calls.json"))
    arguments = parser.parse_args()

    with hzdata.LocalCluster() as cluster:
        say(repr(cluster))
        theirs = vendor.connect(cluster.addresses, cluster.cluster_name)
        with floor.bare_socket(cluster.client) as (sock, _):
            bench = _Bench(partial(floor.BareExchange, sock, cluster.client), cluster.client, theirs, arguments)
            results = {
                "calls": arguments.calls,
                "in_flight": arguments.in_flight,
                "entries": arguments.entries,
                "rounds": arguments.rounds,
                "hazelcast": cluster.version,
                **machine(),
                BLOCKING: bench.blocking("get", KEY),
                BLOCKING_PUT: bench.blocking("put", KEY, VALUE),
                PIPELINED: bench.pipelined(),
                MANY: bench.many(),
            }
        theirs.shutdown()
    report(arguments.json, results, tables)


class _Bench:
    """The same calls on the bare socket, by hzdata, and by the vendor's client."""

    def __init__(self, exchange: Callable[[Any], floor.BareExchange], ours: Any, theirs: Any, arguments: Any) -> None:
        self._exchange = exchange
        self._clients = ours, theirs
        self._arguments = arguments
        self._maps = [client.get_map(MAP) for client in self._clients]
        self._maps[0].blocking().put(KEY, VALUE)
        if [found.blocking().get(KEY) for found in self._maps] != [VALUE, VALUE]:
            raise AssertionError("the clients do not read the same value")

    def _run(self, bare: Callable[[], Any], ours: Callable[[], Any], theirs: Callable[[], Any]) -> list[Side]:
        sides = [Side("bare socket", bare), Side("hzdata", ours), Side(VENDOR, theirs)]
        run_rounds(sides, self._arguments.rounds)
        return sides

    def blocking(self, name: str, *parameters: Any) -> dict[str, Any]:
        count = self._arguments.calls
        say(f"blocking {name}: {count:,} calls a round")
        ours, theirs = (partial(getattr(found.blocking(), name), *parameters) for found in self._maps)
        sides = self._run(
            partial(self._exchange(ours).one_by_one, count),
            partial(_one_by_one, ours, count),
            partial(_one_by_one, theirs, count),
        )
        return {
            side.name: {
                "p50": median(median(times) for times in side.results),
                "p99": median(quantiles(times, n=100)[98] for times in side.results),
                "cpu_a_call": medians(side)[1] / count,
            }
            for side in sides
        }

    def pipelined(self) -> dict[str, Any]:
        many, in_flight = self._arguments.calls * 10, self._arguments.in_flight
        say(f"pipelined get: {many:,} calls a round, {in_flight} in flight")
        ours, theirs = (found.get for found in self._maps)
        sides = self._run(
            partial(self._exchange(lambda: ours(KEY).result()).pipelined, many, in_flight),
            partial(_pipelined, ours, many, in_flight),
            partial(_pipelined, theirs, many, in_flight),
        )
        return {
            side.name: {"calls_per_second": many / medians(side)[0], "cpu_a_call": medians(side)[1] / many}
            for side in sides
        }

    def many(self) -> dict[str, Any]:
        entries = {key: f"value {key}" for key in range(self._arguments.entries)}
        maps = [client.get_map(f"{MAP}_many").blocking() for client in self._clients]
        results = {}
        for name, parameters in (("put_all", (entries,)), ("get_all", (list(entries),)), ("values", ())):
            say(f"{name} of {len(entries):,} entries")
            ours, theirs = (partial(getattr(found, name), *parameters) for found in maps)
            sides = self._run(self._exchange(ours).once, ours, theirs)
            results[name] = {side.name: {"wall": medians(side)[0], "cpu": medians(side)[1]} for side in sides}
        return results


def _one_by_one(call: Callable[[], Any], count: int) -> list[float]:
    clock, times = perf_counter, []
    for _ in range(count):
        start = clock()
        call()
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
    for part, name in ((BLOCKING, "get"), (BLOCKING_PUT, "put")):
        if part in results:
            yield _blocking_table(name, results[part], results)
    sides = results[PIPELINED]
    theirs = sides[VENDOR]["calls_per_second"]
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

    if MANY in results:
        yield table(
            f"{results['entries']:,} small entries at once, medians of {results['rounds']} rounds.",
            ("", "bare socket ms", "hzdata ms", "vendor's ms", "client CPU ms", "wall / bare", "faster than vendor's"),
            [
                (
                    f"`{name}`",
                    *(f"{side['wall'] * 1e3:.0f}" for side in sides.values()),
                    f"{sides['hzdata']['cpu'] * 1e3:.0f}",
                    f"{sides['hzdata']['wall'] / sides['bare socket']['wall']:.1f}",
                    f"{sides[VENDOR]['wall'] / sides['hzdata']['wall']:.1f} x",
                )
                for name, sides in results[MANY].items()
            ],
        )


def _blocking_table(name: str, sides: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    vendor_p50, bare_p50 = sides[VENDOR]["p50"], sides["bare socket"]["p50"]
    return table(
        f"Blocking `{name}` of a small value: {results['calls']:,} calls a round, "
        f"medians of {results['rounds']} rounds.",
        ("", "p50 µs", "p99 µs", "client CPU µs", "p50 / bare socket", "p50 / vendor's"),
        [
            (
                side_name,
                f"{side['p50'] * 1e6:.0f}",
                f"{side['p99'] * 1e6:.0f}",
                f"{side['cpu_a_call'] * 1e6:.0f}",
                f"{side['p50'] / bare_p50:.2f}",
                f"{side['p50'] / vendor_p50:.2f}",
            )
            for side_name, side in sides.items()
        ],
    )


if __name__ == "__main__":
    main()
