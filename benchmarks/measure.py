"""Interleaved rounds, medians, and the table that says them."""

from __future__ import annotations

import gc
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["Side", "machine", "medians", "report", "run_rounds", "say", "table"]


@dataclass
class Side:
    """One way to do a job.

    Attributes
    ----------
    work : callable
        Does the job once; what it returns is kept in `results`.
    prepare : callable, optional
        Runs before each round, outside of the time.
    every : int
        It takes part in every so many-th round: what takes minutes is measured less often.
    wall, cpu : list of float
        Seconds of each round: by the clock, and of CPU of this process, all its threads together.
    """

    name: str
    work: Callable[[], Any]
    prepare: Callable[[], object] | None = None
    every: int = 1
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)


def run_rounds(sides: Sequence[Side], rounds: int) -> None:
    """Run all sides in turn, `rounds` times, after one round of each that is not counted."""
    for number in range(rounds + 1):
        for side in sides:
            if number and (number - 1) % side.every:
                continue
            if side.prepare is not None:
                side.prepare()
            gc.collect()
            cpu, wall = time.process_time(), time.perf_counter()
            result = side.work()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            if number:
                side.wall.append(wall)
                side.cpu.append(cpu)
                side.results.append(result)
            del result
            say(f"  {'warm-up' if not number else f'round {number}'}  {side.name:<18} {wall:7.2f} s  cpu {cpu:6.2f} s")


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a title and a Markdown table, its columns in line."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * (width - 1) + ":") if i else "-" * width for i, width in enumerate(widths)]
    return "\n".join([title, "", line(cells[0]), line(rule), *map(line, cells[1:])])


def machine() -> dict[str, object]:
    """Say where it was measured."""
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def report(path: Path, results: Mapping[str, Any], tables: Callable[[Mapping[str, Any]], Iterable[str]]) -> None:
    """Write what was measured as JSON, and print its tables."""
    rounded = _rounded(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write("".join(f"\n{text}\n" for text in tables(rounded)))
    sys.stdout.flush()
    say(f"written: {path}")


def medians(side: Side) -> tuple[float, float]:
    """Return the medians of wall and CPU seconds."""
    return median(side.wall), median(side.cpu)


def say(text: str) -> None:
    """Tell what is going on, on stderr: the tables go to stdout."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
