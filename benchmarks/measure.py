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

__all__ = ["Side", "machine", "medians", "plot_ratios", "report", "run_rounds", "say", "table"]


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
    """Run all sides in turn, `rounds` times, after one round that is not counted of those that take part in all."""
    for number in range(rounds + 1):
        for side in sides:
            if (number - 1) % side.every:
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


def plot_ratios(path: Path, results: Mapping[str, Any]) -> None:
    """Draw the wall times of the largest mixed frame: a group of bars a job, on a logarithmic scale."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    cases = [case for case in results["cases"] if case["shape"] == "mixed"]
    largest = max(case["rows"] for case in cases)
    cases = [case for case in cases if case["rows"] == largest]
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    names = list(dict.fromkeys(name for case in cases for name in case["sides"]))
    colors = {"floor": "#c9ced6", "hzdata": "#1b7f5c", "NumPy kernels": "#8fc7b1", "vendor's": "#d1603d"}
    for place, name in enumerate(names):
        walls = [case["sides"][name]["wall"] if name in case["sides"] else 0 for case in cases]
        at = [group + (place - (len(names) - 1) / 2) * 0.2 for group in range(len(cases))]
        bars = axes.bar(at, walls, 0.19, label=name, color=colors.get(name))
        axes.bar_label(bars, [f"{wall:.2f} s" if wall < 10 else f"{wall:.0f} s" for wall in walls], fontsize=8)
    axes.set_xticks(range(len(cases)), [case["job"] for case in cases])
    axes.set_yscale("log")
    axes.set_ylabel("seconds, logarithmic")
    title = f"{largest:,} rows x {cases[0]['columns']} columns, member and client on one machine"
    axes.set_title(title, fontsize=10)
    axes.margins(y=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=len(names), fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    figure.savefig(path, dpi=120)
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
