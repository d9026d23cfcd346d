"""The plan of a load: which columns become the keys and the values, as what, and how SQL is told.

Everything here follows from the columns' names and types, before any row is looked at.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from hzdata.core.serialization.compact.schema import Schema

from .columns.compact import CompactValue
from .columns.entries import EntryWriter, ValueWriter
from .columns.json import JsonValue
from .columns.keys import KEY_TYPE_IDS, CompactKey, Key, PlainKey
from .columns.portable import PortableClass, PortableValue
from .errors import ColumnTypeError
from .fitting import Column, ValueFormat
from .mapping import KEY_FORMATS, Field, SqlMapping
from .source import Source
from .types import Home, sql_type

__all__ = ["LoadPlan"]


@dataclass
class LoadPlan:
    """What a frame becomes in a map.

    Attributes
    ----------
    map_name : str
    values : list of Column
        The fields of the values: all columns.
    keys : list of Column
        What the keys are made of: columns, or levels of the index.
    keyed_by_index : bool
    format : {"compact", "json", "portable"}
    type_name : str
        The Compact type of the values; of Portable ``factory:class:version``.
    notes : list of str
        What a user should know of it.
    """

    map_name: str
    values: list[Column]
    keys: list[Column]
    keyed_by_index: bool
    format: ValueFormat
    type_name: str
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, source: Source, map_name: str, key: str | Sequence[str] | None, format: ValueFormat, type_name: str | None
    ) -> LoadPlan:
        """Plan the load of a source.

        Raises
        ------
        KeyError
            When a key column does not exist.
        ColumnTypeError
            When the type of a column has no home in a map, or can not be a key.
        """
        values = [Column.of(f, format) for f in source.schema]
        if key is None:
            fields = list(source.index)
        else:
            names = [key] if isinstance(key, str) else list(key) if isinstance(key, Iterable) else [key]
            if not all(isinstance(name, str) for name in names):
                raise TypeError(f"key={key!r}: pass the name of a column, a list of names, or None for the index")
            fields = [source.schema.field(name) for name in _known(names, source)]
        keys = [Column.of(f, format if len(fields) > 1 else "compact") for f in fields]
        for column in keys:
            _check_key(column)
        if format == "portable":
            type_name = _portable_type(type_name, map_name)
        return cls(map_name, values, keys, key is None, format, type_name or map_name)

    @property
    def key_text(self) -> str:
        """What the keys are made of, in words."""
        names = ", ".join(column.name for column in self.keys)
        if not self.keyed_by_index:
            return names
        return "the row number" if names == "__row__" else f"the index ({names})"

    @property
    def key_type_name(self) -> str:
        """The Compact type of a key of several columns."""
        return f"{self.type_name}.key"

    @property
    def schemas(self) -> list[Schema]:
        """The Compact schemas that the members must have before the first entry comes."""
        if self.format != "compact":
            return []
        schemas = [Schema(self.type_name, [(c.name, c.home.field_kind) for c in self.values])]
        if len(self.keys) > 1:
            schemas.append(Schema(self.key_type_name, [(c.name, c.home.field_kind) for c in self.keys]))
        return schemas

    def writer(self, partition_count: int, ttl: int | None) -> EntryWriter:
        """Return what writes the entries as bytes."""
        value: ValueWriter
        key: Key
        if self.format == "json":
            value = JsonValue([c.name for c in self.values])
            key = JsonValue([c.name for c in self.keys])
        elif self.format == "portable":
            value = PortableValue(self._class(0), [(c.name, c.home.field_kind) for c in self.values])
            key = PortableValue(self._class(1), [(c.name, c.home.field_kind) for c in self.keys])
        else:
            schemas = self.schemas
            value, key = CompactValue(schemas[0]), CompactKey(schemas[-1])
        if len(self.keys) == 1:
            key = PlainKey(self.keys[0].name, self.keys[0].home.field_kind)
        return EntryWriter(self.map_name, key, value, partition_count, ttl)

    def _class(self, offset: int) -> PortableClass:
        """The Portable class of the values, or, by 1 further, of keys of several columns."""
        factory_id, class_id, version = map(int, self.type_name.split(":"))
        return PortableClass(factory_id, class_id + offset, version)

    # --- SQL ---

    def mapping(self) -> SqlMapping:
        """Return the mapping that makes the map readable by SQL.

        Raises
        ------
        ValueError
            When SQL could see no column of it.
        """
        fields = [Field(c.name, c.home.sql) for c in self.values if c.home.sql != "OBJECT"]
        hidden = [c.name for c in self.values if c.home.sql == "OBJECT"]
        if not fields:
            raise ValueError(
                f"no column of the frame has a SQL type ({', '.join(hidden)}: lists or bytes): pass mapping=False"
            )
        if hidden:
            self.notes.append(
                f"SQL does not show {', '.join(hidden)}: mappings can not declare lists or bytes. The values have them."
            )
        if self.keyed_by_index and len(self.keys) > 1:
            columns = {c.name for c in self.values}
            fields = [Field(c.name, c.home.sql, in_key=True) for c in self.keys if c.name not in columns] + fields
        return SqlMapping(self.map_name, tuple(fields), self._options())

    def _options(self) -> dict[str, str]:
        options = {"keyFormat": KEY_FORMATS[self.keys[0].home.sql]}
        if len(self.keys) > 1 and self.format == "json":
            options = {"keyFormat": "json-flat"}
        elif len(self.keys) > 1 and self.format == "portable":
            options = _portable_options("key", self._class(1))
        elif len(self.keys) > 1:
            options = {"keyFormat": "compact", "keyCompactTypeName": self.key_type_name}
        if self.format == "json":
            return options | {"valueFormat": "json-flat"}
        if self.format == "portable":
            return options | _portable_options("value", self._class(0))
        return options | {"valueFormat": "compact", "valueCompactTypeName": self.type_name}

    def adapt(self, mapping: SqlMapping) -> None:
        """Take from a mapping that is there what the frame leaves open: the type name, types of columns without values.

        A column of nothing but nulls has no type of its own (Arrow's ``null``); all types hold it.
        """
        self.type_name = mapping.options.get("valueCompactTypeName", self.type_name)
        ids = [mapping.options.get(f"valuePortable{part}") for part in ("FactoryId", "ClassId", "ClassVersion")]
        if self.format == "portable" and None not in ids[:2]:
            self.type_name = ":".join(number or "0" for number in ids)
        declared = {f.name: f.sql for f in mapping.fields}
        for i, column in enumerate(self.values):
            if pa.types.is_null(column.arrow) and column.name in declared:
                self.values[i] = _of_sql_type(column, declared[column.name])


def _portable_type(type_name: str | None, map_name: str) -> str:
    """Return ``factory:class:version``; by default factory 1, a class id made of the map's name, version 0."""
    if type_name is None:
        return f"1:{1 + zlib.crc32(map_name.encode()) % (2**31 - 3)}:0"
    parts = type_name.split(":") if isinstance(type_name, str) else []
    if len(parts) not in (2, 3) or not all(part.removeprefix("-").isdecimal() for part in parts):
        raise ValueError(f'type_name={type_name!r}: a Portable class is "factory:class" or "factory:class:version"')
    return ":".join([*parts, "0"][:3])


def _portable_options(side: str, ids: PortableClass) -> dict[str, str]:
    return {
        f"{side}Format": "portable",
        f"{side}PortableFactoryId": str(ids.factory_id),
        f"{side}PortableClassId": str(ids.class_id),
        f"{side}PortableClassVersion": str(ids.version),
    }


def _known(names: list[str], source: Source) -> list[str]:
    if not names:
        raise ValueError("key=[] names no column: name one or more, or pass key=None for the index")
    for name in names:
        if name in source.schema.names:
            continue
        if name in source.index.names:
            hint = "it is a level of the index: key=None makes keys of that, reset_index() makes it a column"
        else:
            import difflib

            near = difflib.get_close_matches(str(name), source.schema.names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(source.schema.names)}"
        raise KeyError(f"key={name!r}: the frame has no such column; {hint}")
    if len(set(names)) < len(names):
        raise ValueError(f"key={names!r} names a column twice")
    return names


def _check_key(column: Column) -> None:
    if column.home.field_kind not in KEY_TYPE_IDS:
        raise ColumnTypeError(
            column.name, f"{column.arrow} can not be a key", "use a column of numbers, text, or dates and times"
        )


def _of_sql_type(column: Column, sql: str) -> Column:
    row: Any = sql_type(sql)
    if row.field_kind is None:
        return column
    return Column(column.name, column.arrow, Home(sql, row.field_kind, row.arrow), column.format)
