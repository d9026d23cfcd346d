"""DataFrames into maps: `to_hz_map`.

A load has four parts: a plan made from the columns' types, the checks of the rows and of what the cluster has already,
the sending, and the report. Nothing is changed in the cluster before all checks that can be made are made.
"""

from __future__ import annotations

import copy
import datetime
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata import default_client
from hzdata.core.errors import HazelcastError

from .arguments import map_name, millis, one_of, rows
from .checks import check_no_nulls, check_rows
from .errors import ColumnTypeError
from .fitting import ValueFormat
from .loader import Batch, Loader, State
from .mapping import SqlMapping, check_identifier
from .plan import LoadPlan
from .progress import Progress
from .report import LoadError, LoadInterrupted, LoadReport
from .source import Source, StreamSource, source_of, take_rows
from .tables import read_sample

__all__ = ["LoadError", "LoadInterrupted", "LoadReport", "to_hz_map"]

IfExists = Literal["fail", "append", "replace"]

COMPACT_SINCE = (5, 2)
MAPPINGS_SINCE = (5, 0)
_LOOKED_AT = 100

BATCH_ROWS = 65_536
"""Rows laid out at a time: their bytes stay in the processor's cache, and a chunk has two hundred rows or so."""


def to_hz_map(
    data: Any,
    name: str,
    key: str | Sequence[str] | None = None,
    *,
    client: Any = None,
    format: ValueFormat = "compact",
    if_exists: IfExists = "fail",
    mapping: bool = True,
    ttl: float | datetime.timedelta | None = None,
    batch_size: int = BATCH_ROWS,
    progress: bool | None = None,
    type_name: str | None = None,
) -> LoadReport:
    """Load the rows of a frame into a map, an entry a row, so that SQL can query them at once.

    Returns when the cluster has acknowledged every row, backups included.

    Parameters
    ----------
    data
        A pandas or polars DataFrame, a pyarrow Table, RecordBatch or RecordBatchReader, or anything that speaks the
        Arrow PyCapsule interface. A stream is taken as it comes: never more of it is held than what is under way.
    name : str
        Of the map, and of its SQL mapping.
    key : str or list of str, optional
        The column that is the entries' key, ``__key`` in SQL; it stays in the value, too. Several make one compound
        key. None: the index; data without an index is keyed by row number.
    client : hzdata.Client, optional
        Default: the default client.
    format : {"compact", "json", "portable"}
        How values are serialized. Members before 5.2 have no Compact: there Portable is the fast one, without nulls for
        numbers and booleans, and without lists; JSON has them, and is slower.
    if_exists : {"fail", "append", "replace"}
        When the name is taken, by a mapping or by a map with entries. "append" checks the frame against the mapping
        that is there and adds the rows, in place of those with the same key. "replace" clears the map when everything
        has been checked; it is not atomic: who reads meanwhile finds a part of the rows.
    mapping : bool
        Create the SQL mapping. False leaves SQL alone, and needs no SQL on the members.
    ttl : float or datetime.timedelta, optional
        Time to live of the entries, in seconds. Entries are then sent one message each, which takes several times
        as long.
    batch_size : int
        Rows laid out at a time.
    progress : bool, optional
        Show a bar. None: after two seconds, if there is a notebook or a terminal to show it in.
    type_name : str, optional
        Compact type name of the values. Default: `name`. For Portable the class, as ``"factory:class:version"``; by
        default factory 1, version 0 and a class id made of `name`; a key of several columns has the class id after it.

    Returns
    -------
    LoadReport
        Rows placed, bytes, seconds; it has a text and an HTML face.

    Raises
    ------
    ColumnError
        When a column's name or type, or one of its values, has no home in a map; when a key is null or occurs twice.
        Of data that lies in memory this is known before the first row is sent.
    KeyError
        When a key column does not exist.
    ValueError
        When the name is taken and `if_exists` is "fail", the mapping there does not fit, or a member is too old.
    HazelcastError
        When the cluster could not be asked, or made ready: no row was sent.
    LoadError
        When the load ended before every row was placed. Its ``report`` hands back the rows not placed, and those of
        which it is unknown.
    LoadInterrupted
        A KeyboardInterrupt with such a report.

    Notes
    -----
    Column types are kept as in the table of types, ``docs/types.md``. NaN in a NumPy column is null, as pandas has it.

    When a member is lost, what it had not acknowledged is sent to the member that took over, for
    ``invocation_timeout``. Loading rows again is always safe: the same entries put twice are the same map.

    Examples
    --------
    >>> import pandas as pd, hzdata                                                             # doctest: +SKIP
    >>> capitals = pd.DataFrame({"country": ["France", "Peru"], "capital": ["Paris", "Lima"]})  # doctest: +SKIP
    >>> capitals.to_hz_map("capitals", key="country")                                           # doctest: +SKIP
    >>> hzdata.read_sql("SELECT * FROM capitals WHERE __key = 'Peru'")                           # doctest: +SKIP
    """
    started = time.monotonic()
    one_of("format", format, ValueFormat)
    one_of("if_exists", if_exists, IfExists)
    map_name(name)
    if mapping:
        check_identifier("name", name, "choose another name, or pass mapping=False")
    batch_size = rows("batch_size", batch_size)
    ttl_millis = None if ttl is None else millis("ttl", ttl)
    client = default_client.resolve(client)
    source = source_of(data)
    plan = LoadPlan.of(source, name, key, format, type_name)
    check_rows(source, plan)
    for column in plan.values if mapping else ():
        check_identifier("column", column.name, "rename it, or pass mapping=False")

    target = client.get_map(name).blocking()
    entries_before = _prepare(client, target, source, plan, if_exists, mapping)
    load = _Load(client, source, plan, batch_size, ttl_millis)
    load.started = started
    all_new, keys_known = not entries_before and ttl is None, source.row_count is not None
    try:
        report = load.run(progress, mapping)
        _count_entries(report, target, all_new=all_new, keys_known=keys_known)
    except LoadInterrupted:
        raise
    except KeyboardInterrupt:
        # All rows may be placed by now; the account is owed all the same.
        raise load.interrupted(mapping) from None
    report.seconds = time.monotonic() - started
    return report


def _count_entries(report: LoadReport, target: Any, *, all_new: bool, keys_known: bool) -> None:
    """Note how many entries the map has after a load, and what follows when they are fewer than the rows."""
    try:
        report.entries = target.size()
    except HazelcastError as error:
        report.notes.append(f"the entries of the map could not be counted: {error}")
    if report.entries is None or not all_new:
        report.duplicate_keys = 0 if keys_known else None
        return
    missing = max(0, report.rows_placed - report.entries)
    if missing:
        why = "" if keys_known else "their keys came again later, or "
        report.notes.append(
            f"{missing:,} of the rows placed are no entry of the map now: {why}the map evicts entries (its size is "
            "limited), or someone removed them"
        )
    report.duplicate_keys = 0 if keys_known else missing


def _prepare(client: Any, target: Any, source: Source, plan: LoadPlan, if_exists: IfExists, with_mapping: bool) -> int:
    """Check the plan against what the cluster has, and make the cluster ready; return how many entries the map had."""
    name = plan.map_name
    _check_members(client, plan.format, with_mapping)
    entries: int = target.size()
    there = SqlMapping.find(client, name) if with_mapping else None
    if if_exists == "fail" and (entries or there is not None):
        what = f"a map {name!r} with {entries:,} entries" if entries else f"a mapping {name!r}"
        raise ValueError(f'{what} exists: choose another name, or pass if_exists="append" or if_exists="replace"')
    if if_exists == "append" and entries and plan.keyed_by_index and source.has_row_numbers:
        raise ValueError(
            f"the map {name!r} has {entries:,} entries, and keys that are row numbers would replace the first of them: "
            "pass key=, or give the frame an index"
        )
    if if_exists == "append" and there is not None:
        plan.adapt(there)
    wanted = plan.mapping() if with_mapping else None
    if wanted is not None and there is not None and if_exists == "append":
        differences = list(wanted.differences(there))
        if differences:
            raise ValueError(
                f"the frame does not fit the mapping {name!r}: {'; '.join(differences)}. Change the frame, or pass "
                'if_exists="replace"'
            )
    if if_exists == "append" and entries:
        _check_keyed_alike(client, plan)
    for schema in plan.schemas:
        client.replicate_schema(schema).result()
    if wanted is not None and (there is None or if_exists == "replace"):
        wanted.create(client, replace=if_exists == "replace")
    if if_exists == "replace":
        target.clear()
        return 0
    return entries


def _check_keyed_alike(client: Any, plan: LoadPlan) -> None:
    """Refuse keys of other columns than those that the entries there were keyed by: rows would replace strangers."""
    if plan.keyed_by_index:
        return
    try:
        there = read_sample(client, plan.map_name, _LOOKED_AT).table
    except (ColumnTypeError, HazelcastError):
        return  # Entries that are no columns tell nothing.
    for column in plan.keys:
        key = "__key" if len(plan.keys) == 1 else f"__key.{column.name}"
        if key not in there.column_names or column.name not in there.column_names:
            continue
        keys, values = there[key].to_pylist(), there[column.name].to_pylist()
        differ = next((i for i in range(len(keys)) if keys[i] != values[i]), None)
        if differ is not None:
            raise ValueError(
                f"the entries of map {plan.map_name!r} are not keyed by {column.name!r}: one with {key} "
                f"{keys[differ]!r} has {column.name} {values[differ]!r}. Pass the key that the map was loaded with"
            )


def _check_members(client: Any, format: ValueFormat, with_mapping: bool) -> None:
    """Refuse what the oldest member can not take, with the option that it can."""
    version = min((member.version for member in client.cluster_service.get_members()), default=None)
    if version is None:
        return
    if format == "compact" and version[:2] < COMPACT_SINCE:
        raise ValueError(
            f"a member runs Hazelcast {version}, which has no Compact serialization (5.2 and later have): "
            'pass format="portable", or "json"'
        )
    if with_mapping and version[:2] < MAPPINGS_SINCE:
        raise ValueError(
            f"a member runs Hazelcast {version}, which has no SQL mappings (5.0 and later have): pass mapping=False"
        )


class _Load:
    """One run of the loader over one source, and the account of it."""

    def __init__(self, client: Any, source: Source, plan: LoadPlan, batch_size: int, ttl: int | None) -> None:
        self._client = client
        self._source = source
        self._plan = plan
        self._batch_size = batch_size
        self._writer = plan.writer(client.partition_service.get_partition_count(), ttl)
        self._loader = Loader(client)
        self._read: tuple[int, pa.RecordBatch] | None = None
        self.started = time.monotonic()

    def run(self, progress: bool | None, with_mapping: bool) -> LoadReport:
        """Load everything.

        Raises
        ------
        LoadError, LoadInterrupted
            When it ended before; with the report.
        """
        name = self._plan.map_name
        bar = Progress(f"to_hz_map({name!r})", self._source.row_count, show=progress)
        self._loader.on_placed = bar.advance
        try:
            with bar:
                self._loader.run(self._batches())
        except KeyboardInterrupt:
            raise self.interrupted(with_mapping) from None
        except Exception as error:
            report = self._report(with_mapping)
            raise LoadError(self._how_far(str(error), report), report, error) from error
        finally:
            self._client.near_caches.drop(name)
        return self._report(with_mapping)

    def interrupted(self, with_mapping: bool) -> LoadInterrupted:
        """Return the account of a load that someone has interrupted."""
        report = self._report(with_mapping)
        return LoadInterrupted(self._how_far("interrupted", report), report)

    def _batches(self) -> Iterator[Batch]:
        first_row = 0
        for batch, index in self._source.batches(self._batch_size):
            self._read = first_row, batch
            yield self._batch(first_row, batch, index)
            first_row += batch.num_rows

    def _batch(self, first_row: int, rows: pa.RecordBatch, index: pa.RecordBatch) -> Batch:
        plan = self._plan
        values = {c.name: c.fit(rows.column(c.name), first_row) for c in plan.values}
        labels = index if plan.keyed_by_index else rows
        keys = {c.name: c.fit(labels.column(c.name), first_row) for c in plan.keys}
        for column in plan.keys:
            check_no_nulls(column, keys[column.name], first_row)
        chunks = self._writer.write(len(rows), keys, values)
        return Batch(first_row, len(rows), chunks, rows if self._source.table is None else None)

    # --- the account ---

    def _report(self, with_mapping: bool) -> LoadReport:
        loader, source = self._loader, self._source
        # An interrupt may come between the two notes that the loader makes of a batch.
        stop = max([loader.stop_row, *(batch.first_row + batch.row_count for batch in loader.open.values())])
        unknown, unknown_pieces = self._rows(State.UNKNOWN)
        not_placed, pieces = self._rows(State.NOT_PLACED)
        placed = stop - len(unknown) - len(not_placed)
        if source.row_count is not None:
            not_placed = np.concatenate((not_placed, np.arange(stop, source.row_count)))
        elif isinstance(source, StreamSource):
            if self._read is not None and self._read[0] >= stop:
                pieces.append(self._read[1])
            pieces += source.left_over()
            not_placed = np.arange(sum(len(piece) for piece in pieces))
        return LoadReport(
            map_name=self._plan.map_name,
            key=self._plan.key_text,
            rows_placed=placed,
            rows_not_placed=len(not_placed),
            rows_unknown=len(unknown),
            bytes_sent=loader.bytes_placed,
            seconds=time.monotonic() - self.started,
            mapping=with_mapping,
            notes=list(self._plan.notes),
            take_not_placed=_taker(source, not_placed, pieces),
            take_unknown=_taker(source, unknown, unknown_pieces),
        )

    def _rows(self, state: State) -> tuple[npt.NDArray[np.int64], list[pa.RecordBatch]]:
        """Numbers of the rows in a state, and the rows themselves where their source is gone."""
        numbers: list[npt.NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        pieces = []
        for batch, arrays in self._loader.rows(state):
            positions = np.sort(np.concatenate(arrays))
            numbers.append(positions + batch.first_row)
            if batch.content is not None:
                pieces.append(take_rows(batch.content, positions))
        return np.concatenate(numbers), pieces

    def _how_far(self, why: str, report: LoadReport) -> str:
        total = self._source.row_count
        of = f" of {total:,}" if total is not None else ""
        rest = "" if total is not None else " What was not read is still in the stream."
        return (
            f"the load into map {self._plan.map_name!r} ended early: {why}. {report.rows_placed:,}{of} rows placed, "
            f"{report.rows_unknown:,} unknown (report.unknown), {report.rows_not_placed:,} not placed "
            f"(report.not_placed); loading those again is safe.{rest}"
        )


def _taker(source: Source, numbers: npt.NDArray[np.int64], pieces: list[pa.RecordBatch]) -> Callable[[], Any]:
    """Return what takes rows out of their source, which can be large, when they are asked for."""
    if not len(numbers):
        # A report of a load that was complete does not keep the frame alive.
        return partial(copy.copy, source.take(numbers, pieces))
    return partial(source.take, numbers, pieces)
