"""Portable values by column. Each tells the names and types of its fields, so that no class needs to be known here.

A value is ``int32 factory, int32 class, int32 version, int32 end, int32 n``, n + 1 positions, and at each position the
head of a field, ``int16 length, name, uint8 type``, before its value. Positions count from the start of the Data that
the value lies in. Fields are found by the heads of the first value; others whose heads differ, because their version
does or SQL wrote them in another order, are read apart.

See: https://docs.hazelcast.com/hazelcast/latest/serialization/implementing-portable-serialization
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.portable.classdef import FieldType as T

from .. import kernels
from ..errors import ColumnTypeError
from .structs import Places, StructReader

__all__ = ["PortableReader"]

Int64Array = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_CLASS_SIZE = 12  # factory, class, version
_FIRST_ARRAY = T.BYTE_ARRAY

# What lies in bytes as the field of a Compact value does.
_AS_COMPACT = {
    T.BYTE: FieldKind.INT8,
    T.BOOLEAN: FieldKind.BOOLEAN,
    T.SHORT: FieldKind.INT16,
    T.INT: FieldKind.INT32,
    T.LONG: FieldKind.INT64,
    T.FLOAT: FieldKind.FLOAT32,
    T.DOUBLE: FieldKind.FLOAT64,
    T.STRING: FieldKind.STRING,
    T.DECIMAL: FieldKind.DECIMAL,
    T.TIME: FieldKind.TIME,
    T.DATE: FieldKind.DATE,
    T.TIMESTAMP: FieldKind.TIMESTAMP,
    T.TIMESTAMP_WITH_TIMEZONE: FieldKind.TIMESTAMP_WITH_TIMEZONE,
}
_SIZES = {T.BYTE: 1, T.BOOLEAN: 1, T.CHAR: 2, T.SHORT: 2, T.INT: 4, T.LONG: 8, T.FLOAT: 4, T.DOUBLE: 8}
_OBJECTS = (T.DECIMAL, T.TIME, T.DATE, T.TIMESTAMP, T.TIMESTAMP_WITH_TIMEZONE)


class _Field(NamedTuple):
    name: str
    type: int
    head: bytes


class _Bodies(NamedTuple):
    """Values of one class: where the versions lie, and where the Data begin that the values lie in."""

    places: Places
    base: Int64Array

    def some(self, chosen: Flags) -> _Bodies:
        places, present = self.places, self.places.present.copy()
        present[present] = chosen
        return _Bodies(Places(places.bytes, places.at[chosen], present), self.base[chosen])


class PortableReader:
    """Reads Portable values as columns.

    Parameters
    ----------
    values : StructReader
        Reads what Portable and Compact have in common.
    big_endian
        Byte order of values.
    """

    def __init__(self, values: StructReader, big_endian: bool) -> None:
        self._values = values
        self._items = self if values.nested is values else PortableReader(values.nested, big_endian)
        self._order = ">" if big_endian else "<"

    def groups(self, content: npt.NDArray[np.uint8], at: Int64Array, base: Int64Array) -> list[Flags]:
        """Tell apart the values whose fields are not the same, in the same order.

        Parameters
        ----------
        content
            The bytes.
        at
            Where each value begins: its factory id.
        base
            Where the Data begins that it lies in.
        """
        left = np.ones(len(at), np.bool_)
        found = []
        while left.any():
            rows = np.flatnonzero(left)
            classes = kernels.active.gather(content, at[rows], np.dtype((np.void, _CLASS_SIZE)))
            same = classes == classes[0]
            bodies = _Bodies(Places(content, at[rows] + 8, np.ones(len(rows), np.bool_)), base[rows])
            same &= self._alike(bodies, self._fields(bodies))
            chosen = np.zeros(len(at), np.bool_)
            chosen[rows[same]] = True
            found.append(chosen)
            left &= ~chosen
        return found

    def sizes(self, content: npt.NDArray[np.uint8], at: Int64Array, base: Int64Array) -> Int64Array:
        """Return how many bytes each value has."""
        return base + self._ints(content, at + _CLASS_SIZE) - at

    def read(
        self,
        prefix: str,
        content: npt.NDArray[np.uint8],
        at: Int64Array,
        base: Int64Array,
        is_wanted: Callable[[str], bool],
    ) -> dict[str, pa.Array]:
        """Return the fields of values of one group, by name."""
        return self._columns(prefix, _Bodies(Places(content, at + 8, np.ones(len(at), np.bool_)), base), is_wanted)

    def _fields(self, bodies: _Bodies) -> list[_Field]:
        """The fields of the first value."""
        content, at = bodies.places.bytes, bodies.places.at[:1]
        (count,) = self._ints(content, at + 8)
        heads = bodies.base[0] + self._ints(content, at + 12 + 4 * np.arange(count))
        fields = []
        for head in heads.tolist():
            length = int(kernels.active.gather(content, np.array([head]), self._order + "i2")[0])
            raw = kernels.active.gather(content, np.array([head]), np.dtype((np.void, 3 + length)))[0].tobytes()
            fields.append(_Field(raw[2:-1].decode("latin-1"), raw[-1], raw))
        return fields

    def _alike(self, bodies: _Bodies, fields: list[_Field]) -> Flags:
        """Which values have just these fields."""
        content, at = bodies.places.bytes, bodies.places.at
        alike: Flags = self._ints(content, at + 8) == len(fields)
        for index, field in enumerate(fields):
            rows = np.flatnonzero(alike)
            size = len(field.head)
            head = np.clip(self._positions(bodies, rows, index), 0, len(content) - size)
            found = kernels.active.gather(content, head, np.dtype((np.void, size)))
            alike[rows[found != np.void(field.head)]] = False
        return alike

    def _positions(self, bodies: _Bodies, rows: Any, index: int) -> Int64Array:
        found: Int64Array = bodies.base[rows] + self._ints(bodies.places.bytes, bodies.places.at[rows] + 12 + 4 * index)
        return found

    def _columns(self, prefix: str, bodies: _Bodies, is_wanted: Callable[[str], bool]) -> dict[str, pa.Array]:
        return {
            field.name: self._field(prefix + field.name, field, index, bodies)
            for index, field in enumerate(self._fields(bodies))
            if is_wanted(prefix + field.name)
        }

    def _field(self, name: str, field: _Field, index: int, bodies: _Bodies) -> pa.Array:
        at = self._positions(bodies, slice(None), index) + len(field.head)
        return self._of_type(name, field.type, bodies._replace(places=bodies.places.moved(at)))

    def _of_type(self, name: str, type: int, values: _Bodies) -> pa.Array:
        content, at = values.places.bytes, values.places.at
        if type == T.PORTABLE:
            return self._nested(name, self._unless_null(values), skipped=8)
        if type in _OBJECTS:
            return self._plain(name, type, self._unless_null(values).places)
        if type == T.PORTABLE_ARRAY or _FIRST_ARRAY <= type < T.DECIMAL or type - 1 in _OBJECTS:
            counts = self._ints(content, at)
            there = values.some(counts >= 0)
            if type == T.BYTE_ARRAY:
                return self._values.value(name, FieldKind.ARRAY_OF_INT8, there.places)
            return self._list(name, type, there, counts[counts >= 0])
        if type == T.STRING:
            return self._plain(name, type, values.some(self._ints(content, at) >= 0).places)
        if type == T.CHAR or type in _AS_COMPACT:
            return self._plain(name, type, values.places)
        raise ColumnTypeError(name, f"its Portable type is {type}", "pass columns= without it")

    def _plain(self, name: str, type: int, places: Places) -> pa.Array:
        if type != T.CHAR:
            return self._values.value(name, _AS_COMPACT[type], places, short_years=True)
        codes = kernels.active.gather(places.bytes, places.at, self._order + "u2").astype("<u4")
        texts = np.full(len(places.present), None, object)
        texts[places.present] = codes.view("<U1")
        return pa.array(texts, pa.large_string())

    def _unless_null(self, values: _Bodies) -> _Bodies:
        """Skip the byte that says that there is none."""
        there = values.some(kernels.active.gather(values.places.bytes, values.places.at, np.uint8) == 0)
        return there._replace(places=there.places.moved(there.places.at + 1))

    def _nested(self, name: str, values: _Bodies, skipped: int) -> pa.Array:
        """Structs: `skipped` bytes of factory and class, which are all the same, lie before the version."""
        present = values.places.present
        if not len(values.places.at):
            return pa.nulls(len(present))
        bodies = values._replace(places=values.places.moved(values.places.at + skipped))
        versions = kernels.active.gather(bodies.places.bytes, bodies.places.at, np.int32)
        if not ((versions == versions[0]) & self._alike(bodies, self._fields(bodies))).all():
            raise ColumnTypeError(name, "its values have different fields", "pass columns= without it")
        children = self._items._columns(f"{name}.", bodies, lambda _: True)
        mask = None if present.all() else pa.array(~present)
        if not children:
            return pa.array([{} if there else None for there in present], pa.struct([]))
        return pa.StructArray.from_arrays(list(children.values()), names=list(children), mask=mask)

    def _list(self, name: str, type: int, lists: _Bodies, counts: Int64Array) -> pa.Array:
        places = lists.places
        ends = np.zeros(len(places.present) + 1, np.int64)
        ends[1:][places.present] = counts
        np.cumsum(ends, out=ends)
        owner = np.repeat(np.arange(len(counts)), counts)
        index = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner]
        everything = np.ones(len(owner), np.bool_)
        table = places.at[owner] + 4
        if type == T.PORTABLE_ARRAY:
            at = lists.base[owner] + self._ints(places.bytes, table + 8 + 4 * index)
            items = self._nested(name, _Bodies(Places(places.bytes, at, everything), lists.base[owner]), skipped=0)
        elif type - 1 in _OBJECTS:
            at = lists.base[owner] + self._ints(places.bytes, table + 4 * index)
            items = self._items._plain(name, type - 1, Places(places.bytes, at, everything))
        elif type == T.STRING_ARRAY:
            at = self._texts(places.bytes, places.at + 4, counts)
            items = self._of_type(name, T.STRING, _Bodies(Places(places.bytes, at, everything), at))
        else:
            item = type - 10
            items = self._plain(name, item, Places(places.bytes, table + index * _SIZES[item], everything))
        mask = None if places.present.all() else pa.array(~places.present)
        return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), items, mask=mask)

    def _texts(self, content: npt.NDArray[np.uint8], at: Int64Array, counts: Int64Array) -> Int64Array:
        """Where each text of lists of texts begins: one step for all first ones, one for all second ones, and so on."""
        first = np.cumsum(counts) - counts
        found = np.zeros(int(counts.sum()), np.int64)
        at = at.copy()
        for index in range(int(counts.max(initial=0))):
            rows = np.flatnonzero(counts > index)
            found[first[rows] + index] = at[rows]
            at[rows] += 4 + np.maximum(self._ints(content, at[rows]), 0)
        return found

    def _ints(self, content: npt.NDArray[np.uint8], at: Int64Array) -> Int64Array:
        return kernels.active.gather(content, at, self._order + "i4").astype(np.int64)
