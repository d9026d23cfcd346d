"""Serialized values of any kind as Arrow columns: Compact and JSON by field, plain ones as they are.

Works on places: where in one run of bytes the payload of each value begins, and of which type each is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from hzdata.core.protocol.field_kinds import FieldKind
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.serialization.data import TypeId

from .. import kernels
from ..errors import ColumnTypeError
from ..types import ReadPolicy
from .keys import KEY_TYPE_IDS
from .portables import PortableReader
from .structs import Places, StructReader

__all__ = ["BrokenDocument", "ValueReader", "kind_name", "unify"]

Int64Array = npt.NDArray[np.int64]

_PLAIN: dict[int, FieldKind] = {type_id: kind for kind, type_id in KEY_TYPE_IDS.items()} | {
    TypeId.BYTE_ARRAY: FieldKind.ARRAY_OF_INT8,
    TypeId.SHORT_ARRAY: FieldKind.ARRAY_OF_INT16,
    TypeId.INTEGER_ARRAY: FieldKind.ARRAY_OF_INT32,
    TypeId.LONG_ARRAY: FieldKind.ARRAY_OF_INT64,
    TypeId.FLOAT_ARRAY: FieldKind.ARRAY_OF_FLOAT32,
    TypeId.DOUBLE_ARRAY: FieldKind.ARRAY_OF_FLOAT64,
}
"""What a value of its own lies in bytes as: the same as a Compact field of a kind."""

_NOT_FINITE = ("NaN", "Infinity", "-Infinity")
"""What JSON has no number for, as SQL writes it."""

_JAVA_CLASSES = {
    pa.bool_(): "Boolean",
    pa.int8(): "Byte",
    pa.int16(): "Short",
    pa.int32(): "Integer",
    pa.int64(): "Long",
    pa.float32(): "Float",
    pa.float64(): "Double",
    pa.string(): "String",
    pa.large_string(): "String",
}
"""What a value of its own is on the members, by what it is here."""

_SCHEMA_ID_SIZE = 8
_UUID_SIZE = 16


class BrokenDocument(ValueError):
    """A text that is stored as JSON and is none, and where its payload begins."""

    def __init__(self, at: int, text: str) -> None:
        self.at = at
        super().__init__(f"{text[:40]!r} is no JSON")


class ValueReader:
    """Reads keys or values.

    Parameters
    ----------
    schema_of
        Returns the Compact schema of an id.
    policy
        What the caller chose where a type has more than one Arrow type.
    big_endian
        Byte order of values.
    whole : str
        Name of the column of values that have no fields: ``__key`` or ``this``.
    prefix : str
        Of the names of fields.
    wanted : sequence of str, optional
        Columns to read; None for all.
    lenient : bool
        Show what has no common type as text, and what is no column as its kind: for who looks at some values only.
    """

    def __init__(
        self,
        schema_of: Callable[[int], Schema],
        policy: ReadPolicy,
        big_endian: bool,
        whole: str,
        prefix: str = "",
        wanted: Sequence[str] | None = None,
        lenient: bool = False,
    ) -> None:
        self._string = policy.string
        self._structs = StructReader(schema_of, policy, big_endian)
        self._portables = PortableReader(self._structs, big_endian)
        self._schema_of = schema_of
        self._order = ">" if big_endian else "<"
        self._whole = whole
        self._prefix = prefix
        self._wanted = wanted
        self._lenient = lenient

    def read(
        self, content: npt.NDArray[np.uint8], types: npt.NDArray[np.int32], at: Int64Array, base: Int64Array
    ) -> pa.Table:
        """Return values as columns, in the order of the places; where kinds or schemas differ, each lacks some.

        Parameters
        ----------
        content
            The bytes.
        types
            Type id of each value.
        at
            Where its payload begins.
        base
            Where the Data begins that it lies in.

        Raises
        ------
        ColumnTypeError
            When values are of a kind that is no column.
        BrokenDocument
            When one is stored as JSON, and is none.
        """
        if (types == types[0]).all():
            return self._of_kind(content, int(types[0]), at, base)
        kinds = np.unique(types)
        parts = [(types == kind, int(kind)) for kind in kinds]
        return self._together(
            [(chosen, self._of_kind(content, kind, at[chosen], base[chosen])) for chosen, kind in parts]
        )

    def sizes(
        self, content: npt.NDArray[np.uint8], types: npt.NDArray[np.int32], at: Int64Array, base: Int64Array
    ) -> Int64Array:
        """Return how many bytes each payload has."""
        sizes = np.empty(len(at), np.int64)
        for kind in map(int, np.unique(types)):
            chosen = types == kind
            if kind in _PLAIN:
                sizes[chosen] = self._structs.sizes(_PLAIN[kind], content, at[chosen])
            elif kind == TypeId.JSON:
                sizes[chosen] = self._structs.sizes(FieldKind.STRING, content, at[chosen])
            elif kind == TypeId.UUID:
                sizes[chosen] = _UUID_SIZE
            elif kind == TypeId.COMPACT:
                sizes[chosen] = self._compact_sizes(content, at[chosen])
            elif kind == TypeId.PORTABLE:
                sizes[chosen] = self._portables.sizes(content, at[chosen], base[chosen])
            else:
                raise self._no_column(kind)
        return sizes

    def _of_kind(self, content: npt.NDArray[np.uint8], kind: int, at: Int64Array, base: Int64Array) -> pa.Table:
        if kind == TypeId.COMPACT:
            return self._compact(content, at)
        if kind == TypeId.PORTABLE:
            return self._portable(content, at, base)
        if kind == TypeId.JSON:
            return self._json(content, at)
        if kind not in _PLAIN and kind != TypeId.UUID and not self._lenient:
            raise self._no_column(kind)
        if not self._is_wanted(self._whole):
            return _empty(len(at))
        if kind == TypeId.UUID:
            return pa.table({self._whole: self._uuids(content, at)})
        if kind not in _PLAIN:
            return pa.table({self._whole: pa.repeat(f"<{kind_name(kind)}>", len(at)).cast(self._string)})
        return pa.table({self._whole: self._plain(_PLAIN[kind], content, at)})

    def _plain(self, kind: FieldKind, content: npt.NDArray[np.uint8], at: Int64Array) -> pa.Array:
        return self._structs.value(self._whole, kind, Places(content, at, np.ones(len(at), np.bool_)))

    def _uuids(self, content: npt.NDArray[np.uint8], at: Int64Array) -> pa.Array:
        """UUIDs as their text: two longs, in hexadecimal digits between dashes."""
        halves = kernels.active.gather(content, at, np.dtype((np.void, _UUID_SIZE))).view(self._order + "u8")
        digits = np.frombuffer(halves.astype(">u8").tobytes().hex().encode(), np.uint8).reshape(len(at), -1)
        text = np.insert(digits, [8, 12, 16, 20], ord("-"), axis=1)
        ends = np.arange(len(at) + 1, dtype=np.int32) * text.shape[1]
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(text)]
        return pa.Array.from_buffers(pa.string(), len(at), buffers).cast(self._string)

    def _compact(self, content: npt.NDArray[np.uint8], at: Int64Array) -> pa.Table:
        if kernels.active.all_equal(content, at, _SCHEMA_ID_SIZE):
            return self._one_schema(content, int(self._schema_ids(content, at[:1])[0]), at)
        ids = self._schema_ids(content, at)
        distinct = np.unique(ids)
        parts = [(ids == i, int(i)) for i in distinct]
        return self._together([(chosen, self._one_schema(content, i, at[chosen])) for chosen, i in parts])

    def _portable(self, content: npt.NDArray[np.uint8], at: Int64Array, base: Int64Array) -> pa.Table:
        parts = []
        for chosen in self._portables.groups(content, at, base):
            columns = self._portables.read(self._prefix, content, at[chosen], base[chosen], self._is_wanted)
            named = {self._prefix + name: column for name, column in columns.items()}
            parts.append((chosen, pa.table(named) if named else _empty(int(chosen.sum()))))
        return parts[0][1] if len(parts) == 1 else self._together(parts)

    def _one_schema(self, content: npt.NDArray[np.uint8], schema_id: int, at: Int64Array) -> pa.Table:
        schema = self._schema_of(schema_id)
        names = [name for name in schema.layout if self._is_wanted(self._prefix + name)]
        columns = self._structs.fields(self._prefix, content, at, schema, names)
        if not names:
            return _empty(len(at))
        return pa.table(dict(zip([self._prefix + name for name in names], columns, strict=True)))

    def _compact_sizes(self, content: npt.NDArray[np.uint8], at: Int64Array) -> Int64Array:
        sizes = np.empty(len(at), np.int64)
        ids = self._schema_ids(content, at)
        for schema_id in np.unique(ids):
            chosen = ids == schema_id
            schema = self._schema_of(int(schema_id))
            if not schema.variable_size_count:
                sizes[chosen] = _SCHEMA_ID_SIZE + schema.fixed_size_length
                continue
            length = self._ints(content, at[chosen] + _SCHEMA_ID_SIZE)
            width = kernels.offset_width(length)
            sizes[chosen] = _SCHEMA_ID_SIZE + 4 + length + width * schema.variable_size_count
        return sizes

    def _json(self, content: npt.NDArray[np.uint8], at: Int64Array) -> pa.Table:
        texts = self._plain(FieldKind.STRING, content, at)
        try:
            table = _objects(texts)
        except json.JSONDecodeError:
            broken = np.array([_is_broken(text) for text in texts.to_pylist()])
            if not self._lenient:
                raise BrokenDocument(int(at[broken][0]), texts[int(np.argmax(broken))].as_py()) from None
            parts = [(broken, pa.table({self._whole: texts.filter(pa.array(broken))}))]
            if not broken.all():
                parts.append((~broken, self._json(content, at[~broken])))
            return self._together(parts)
        if table is None:
            # Documents that are no objects: as they are.
            return pa.table({self._whole: texts}) if self._is_wanted(self._whole) else _empty(len(at))
        table = table.rename_columns([self._prefix + name for name in table.column_names])
        return table if self._wanted is None else table.select(list(filter(self._is_wanted, table.column_names)))

    def _ints(self, content: npt.NDArray[np.uint8], at: Int64Array) -> Int64Array:
        return kernels.active.gather(content, at, self._order + "i4").astype(np.int64)

    def _schema_ids(self, content: npt.NDArray[np.uint8], at: Int64Array) -> Int64Array:
        return kernels.active.gather(content, at, self._order + "i8")

    def _is_wanted(self, name: str) -> bool:
        return self._wanted is None or name in self._wanted

    def _no_column(self, kind: int) -> ColumnTypeError:
        return ColumnTypeError(
            self._whole,
            f"type id {kind} ({kind_name(kind)}) is no column",
            "read it by get_map().entry_set(), or leave it out",
        )

    def _together(self, parts: list[tuple[npt.NDArray[np.bool_], pa.Table]]) -> pa.Table:
        """Put values of different kinds, each with the rows that they are, in their order."""
        order = np.argsort(np.concatenate([np.flatnonzero(chosen) for chosen, _ in parts]), kind="stable")
        table = unify([table for _, table in parts], self._lenient)
        return table.take(pa.array(order)) if table.num_columns else table  # which would forget its rows


def kind_name(kind: int) -> str:
    """Return what a type id stands for, in words."""
    name = next((name for name, number in vars(TypeId).items() if number == kind), "a serializer of someone's own")
    return name.lower().replace("_", " ")


def unify(tables: Sequence[pa.Table], lenient: bool = False) -> pa.Table:
    """Put tables below each other: columns by name, a missing one null, numbers and texts widened.

    Parameters
    ----------
    tables
    lenient
        Columns whose types have nothing in common become text.

    Raises
    ------
    ColumnTypeError
        When a column has types in two of them that have nothing in common.
    """
    try:
        return _concatenated(tables)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        columns = {name: [table[name] for table in tables if name in table.column_names] for name in _names(tables)}
        odd = [name for name, some in columns.items() if not _go_together(some)]
        if lenient and odd:
            return _concatenated([_as_text(table, odd) for table in tables])
        name = odd[0] if odd else ""
        types = list(dict.fromkeys(column.type for column in columns.get(name, ())))
        raise _at_odds(name, types) from error


def _concatenated(tables: Sequence[pa.Table]) -> pa.Table:
    if not any(table.num_columns for table in tables):
        return _empty(sum(map(len, tables)))  # Arrow would forget them
    return pa.concat_tables(tables, promote_options="permissive")


def _names(tables: Sequence[pa.Table]) -> list[str]:
    return list(dict.fromkeys(name for table in tables for name in table.column_names))


def _go_together(columns: list[pa.ChunkedArray]) -> bool:
    try:
        _concatenated([pa.table([column], [""]) for column in columns])
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return False
    return True


def _at_odds(column: str, types: list[pa.DataType]) -> ColumnTypeError:
    if all(pa.types.is_integer(arrow) or pa.types.is_floating(arrow) for arrow in types):
        problem = "integers beyond 2**53 lie beside floats, and float64 would round them"
    else:
        kinds = " and ".join(str(arrow).removeprefix("large_") for arrow in types)
        problem = f"its values are of kinds that do not go together: {kinds}"
    remedy = "pass columns= without it, or where= for those of one kind"
    if column.startswith("__key"):
        remedy = "pass key=False"
    elif column == "this" and types[0] in _JAVA_CLASSES:
        remedy = f"read one kind at a time: where=instance_of('java.lang.{_JAVA_CLASSES[types[0]]}')"
    return ColumnTypeError(column, problem, f"{remedy}; hzdata.head shows some as text")


def _as_text(table: pa.Table, columns: list[str]) -> pa.Table:
    for position, name in enumerate(table.column_names):
        if name in columns:
            texts = [None if value is None else str(value) for value in table[name].to_pylist()]
            table = table.set_column(position, name, pa.array(texts, pa.large_string()))
    return table


def _objects(texts: pa.Array) -> pa.Table | None:
    """Documents as columns, a field each; None unless all are objects."""
    lines = _lines(texts)
    try:
        table = _parsed(lines, None)
        if any(map(_has_moments, table.schema.types)):
            # Text that looks like a moment is text all the same.
            table = _parsed(lines, pa.schema([(f.name, _without_moments(f.type)) for f in table.schema]))
    except pa.ArrowInvalid:
        return _by_python(texts.to_pylist())
    return table if table.num_rows == len(texts) else _by_python(texts.to_pylist())


def _is_broken(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return True
    return False


def _parsed(lines: pa.Buffer, schema: pa.Schema | None) -> pa.Table:
    return pj.read_json(
        pa.BufferReader(lines),
        parse_options=pj.ParseOptions(newlines_in_values=True, explicit_schema=schema),
        read_options=pj.ReadOptions(block_size=max(1 << 20, lines.size + 1)),
    )


def _has_moments(arrow: pa.DataType) -> bool:
    if pa.types.is_nested(arrow):
        return any(_has_moments(arrow.field(i).type) for i in range(arrow.num_fields))
    return bool(pa.types.is_timestamp(arrow))


def _without_moments(arrow: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(arrow):
        return pa.struct([(field.name, _without_moments(field.type)) for field in arrow])
    if pa.types.is_list(arrow):
        return pa.list_(_without_moments(arrow.value_type))
    return pa.string() if pa.types.is_timestamp(arrow) else arrow


def _by_python(texts: list[str]) -> pa.Table | None:
    """The same for documents whose fields differ in type, a value at a time: numbers if all can be, else text."""
    documents = [json.loads(text) for text in texts]
    if not all(isinstance(document, dict) for document in documents):
        return None
    columns = {}
    for name in dict.fromkeys(name for document in documents for name in document):
        values = [document.get(name) for document in documents]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            columns[name] = _numbers_or_text(values)
    return pa.table(columns) if columns else _empty(len(texts))


def _numbers_or_text(values: list[Any]) -> pa.Array:
    if all(v is None or v in _NOT_FINITE or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values):
        return pa.array([None if v is None else float(v) for v in values])
    return pa.array([v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values])


def _lines(texts: pa.Array) -> pa.Buffer:
    """Texts with a line break after each."""
    joined = pc.binary_join_element_wise(texts, pa.scalar("", texts.type), pa.scalar("\n", texts.type))
    return joined.buffers()[2]


def _empty(rows: int) -> pa.Table:
    """A table of so many rows and no columns."""
    return pa.table({"": pa.nulls(rows)}).select([])
