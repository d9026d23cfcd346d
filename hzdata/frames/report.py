"""What became of a load: a LoadReport, with a text and an HTML face, and the exceptions that carry one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

from hzdata.core.errors import HazelcastError

__all__ = ["LoadError", "LoadInterrupted", "LoadReport"]


@dataclass(eq=False)
class LoadReport:
    """What became of every row that `to_hz_map` took.

    Attributes
    ----------
    map_name : str
    key : str
        What the entries' keys were made of.
    rows_placed : int
        Rows whose entries the cluster acknowledged, backups included.
    rows_not_placed : int
        Rows that never left this process; of a stream, those of them that were read from it.
    rows_unknown : int
        Rows that were sent and not acknowledged: the map may have them or not. Loading them again is safe.
    bytes_sent : int
        Size of the messages that carried the placed rows.
    seconds : float
        From the call to the last acknowledgement.
    entries : int or None
        Entries in the map after the load. None when the load did not come to its end.
    duplicate_keys : int or None
        Rows of a stream that left no entry of their own, as a later row had the same key. 0 for data that lay in
        memory, which is checked. None where it can not be told: for a stream into a map that had entries, or with a
        time to live.
    mapping : bool
        Whether SQL knows the map.
    notes : list of str
        What else to know.
    """

    map_name: str
    key: str
    rows_placed: int
    rows_not_placed: int
    rows_unknown: int
    bytes_sent: int
    seconds: float
    entries: int | None = None
    duplicate_keys: int | None = 0
    mapping: bool = True
    notes: list[str] = field(default_factory=list)
    take_not_placed: Callable[[], Any] = field(default=lambda: None, repr=False)
    take_unknown: Callable[[], Any] = field(default=lambda: None, repr=False)

    @cached_property
    def not_placed(self) -> Any:
        """The rows that never left: a DataFrame or Arrow table, as was given."""
        return self.take_not_placed()

    @cached_property
    def unknown(self) -> Any:
        """The rows that were sent and not acknowledged: a DataFrame or Arrow table, as was given."""
        return self.take_unknown()

    @property
    def complete(self) -> bool:
        """Whether every row is placed."""
        return not self.rows_not_placed and not self.rows_unknown

    @property
    def rows_per_second(self) -> float:
        """Placed rows per second."""
        return self.rows_placed / self.seconds if self.seconds else 0.0

    def facts(self) -> list[tuple[str, str]]:
        """What both faces say: pairs of a label and a text."""
        facts = [
            ("rows placed", f"{self.rows_placed:,}"),
            ("rows not placed", _rows(self.rows_not_placed, "report.not_placed")),
            ("rows unknown", _rows(self.rows_unknown, "report.unknown")),
            ("sent", f"{_size(self.bytes_sent)} in {self.seconds:.2f} s, {self.rows_per_second:,.0f} rows/s"),
            ("key", self.key),
        ]
        if self.entries is not None:
            facts.append(("entries in the map", f"{self.entries:,}"))
        if self.mapping:
            facts.append(("SQL", f'SELECT * FROM "{self.map_name.replace(chr(34), chr(34) * 2)}"'))
        return facts + [("note", note) for note in self.notes]

    def __repr__(self) -> str:
        facts = self.facts()
        width = max(len(label) for label, _ in facts)
        lines = "\n".join(f"  {label:<{width}}  {text}" for label, text in facts)
        return f"<LoadReport: map {self.map_name!r}, {'complete' if self.complete else 'incomplete'}\n{lines}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(label)}</th><td>{escape(text)}</td></tr>" for label, text in self.facts())
        state = "complete" if self.complete else "incomplete"
        return (
            f"<div><strong>LoadReport</strong>: map {escape(repr(self.map_name))}, {state}</div>"
            f"<table><tbody>{rows}</tbody></table>"
        )


class LoadError(HazelcastError):
    """A load ended before every row was placed.

    Attributes
    ----------
    report : LoadReport
        How far it got; it hands back the rows not placed and those unknown.
    """

    def __init__(self, message: str, report: LoadReport, cause: BaseException | None = None) -> None:
        super().__init__(message, cause)
        self.report = report


class LoadInterrupted(KeyboardInterrupt):
    """A load was interrupted (Ctrl-C). The client can be used further.

    Attributes
    ----------
    report : LoadReport
        How far it got; it hands back the rows not placed and those unknown.
    """

    def __init__(self, message: str, report: LoadReport) -> None:
        super().__init__(message)
        self.report = report


def _rows(count: int, where: str) -> str:
    return f"{count:,}: {where}" if count else "0"


def _size(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
