"""What maps there are and what is in them: ``maps()``, ``describe()``, ``head()``, ``create_mapping()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hzdata import default_client
from hzdata.core.errors import HazelcastError
from hzdata.core.protocol.sql_types import SQL_TYPE_NAMES
from hzdata.core.proxy.map import Map
from hzdata.core.serialization.compact.schema import Schema
from hzdata.core.serialization.data import TypeId

from .arguments import rows as checked_rows
from .columns.keys import KEY_TYPE_IDS
from .columns.values import kind_name
from .errors import ColumnTypeError
from .mapping import KEY_FORMATS, Field, SqlMapping, check_identifier
from .maps import as_floats, sql_type_of, to_frame, warn_of_no_map
from .tables import declared, is_key, read_sample
from .types import SQL_TYPES, ReadPolicy

if TYPE_CHECKING:
    import pandas as pd

    from hzdata.core.client import HazelcastClient

__all__ = ["create_mapping", "describe", "head", "maps"]

_KINDS = {TypeId.COMPACT: "compact", TypeId.JSON: "json", TypeId.PORTABLE: "portable"}
# JSON is written as text is, which comes first in the table.
_PLAIN = {KEY_TYPE_IDS[row.field_kind]: row.name for row in reversed(SQL_TYPES) if row.field_kind in KEY_TYPE_IDS}


def maps(*, client: HazelcastClient | None = None) -> pd.DataFrame:
    """List the maps of the cluster.

    Returns
    -------
    DataFrame
        A row a map, by name: ``name``, ``entries`` (Int64), ``mapping`` (boolean: SQL can query it).

    Examples
    --------
    >>> hzdata.maps()                                                       # doctest: +SKIP
          name  entries  mapping
    0  flights   336776     True
    """
    import pandas as pd

    chosen: Any = default_client.resolve(client)
    objects = chosen.get_distributed_objects()
    names = sorted(o.name for o in objects if o.service_name == Map.SERVICE and not o.name.startswith("__"))
    sizes = [chosen.get_map(name).size() for name in names]
    mapped = _mapped(chosen)
    return pd.DataFrame(
        {
            "name": pd.array(names, dtype="str"),
            "entries": pd.array([size.result() for size in sizes], dtype="Int64"),
            "mapping": pd.array([None if mapped is None else name in mapped for name in names], dtype="boolean"),
        }
    )


def head(name: str, n: int = 5, *, client: HazelcastClient | None = None) -> pd.DataFrame:
    """Return some entries of a map, ``n`` at most, in the columns that `read_map` gives. Reads no more than needed.

    What `read_map` refuses is shown all the same: values without a common type as text, kinds that are no column by
    their name, times beyond nanoseconds in microseconds.

    Warns
    -----
    UserWarning
        When there is no such map.
    """
    chosen: Any = default_client.resolve(client)
    sample = read_sample(chosen, name, checked_rows("n", n), lenient=True)
    if not sample.key_types:
        warn_of_no_map(chosen, name, declared(chosen, name, ReadPolicy()))
    return to_frame(chosen, as_floats(sample.table))


def describe(name: str, *, client: HazelcastClient | None = None) -> pd.DataFrame:
    """Say what the keys and values of a map are, by a look at some of its entries.

    Returns
    -------
    DataFrame
        A row a column of `head`: ``column``, ``of`` (key or value), ``kind`` (compact, portable, json, or the plain
        type; of several, how many were seen of each, the most first), ``type`` (of SQL, or Arrow's where SQL has none),
        ``dtype``. Its ``attrs`` have the map's ``entries``, and the ``type_names`` that were seen: of Compact, and
        Portable classes as factory:class:version.

    Warns
    -----
    UserWarning
        When there is no such map: nothing is described, and no map is created.
    """
    import pandas as pd

    chosen: Any = default_client.resolve(client)
    sample = read_sample(chosen, name, 1_000, lenient=True)
    if not sample.key_types:
        warn_of_no_map(chosen, name, declared(chosen, name, ReadPolicy()))
    frame = to_frame(chosen, as_floats(sample.table))
    described = []
    for column in sample.table.schema:
        of_key = is_key(column.name)
        types = sample.key_types if of_key else sample.value_types
        described.append(
            {
                "column": column.name,
                "of": "key" if of_key else "value",
                "kind": ", ".join(_kind(kind) + f" ({n})" * (len(types) > 1) for kind, n in types.most_common()),
                "type": _sql_name(column.type) or str(column.type),
                "dtype": str(frame.dtypes[column.name]),
            }
        )
    names = ["column", "of", "kind", "type", "dtype"]
    found = pd.DataFrame(described, columns=names).astype("str")
    found.attrs["entries"] = chosen.get_map(name).size().result() if sample.key_types else 0
    found.attrs["type_names"] = sorted(sample.type_names)
    return found


def create_mapping(name: str, *, client: HazelcastClient | None = None) -> str:
    """Make a map readable by SQL: infer a mapping from some of its entries and create it.

    Returns
    -------
    str
        The statement that was executed.

    Raises
    ------
    ValueError
        When there is a mapping of that name, the map is empty, or its keys or values, or a field of them, are of
        several kinds, or of one that no mapping describes, a field has a name that SQL can not say, or one
        that is stored as JSON is none.
    """
    chosen: Any = default_client.resolve(client)
    check_identifier("name", name, "SQL cannot query this map")
    if SqlMapping.find(chosen, name) is not None:
        raise ValueError(f"there is a mapping {name!r} already")
    try:
        sample = read_sample(chosen, name, 1_000)
    except ColumnTypeError as error:
        raise _several_kinds(name, str(error)) from error
    if not sample.table.num_rows:
        raise ValueError(f"the map {name!r} is empty: what its columns are cannot be told")
    options: dict[str, str] = {}
    fields: list[Field] = []
    for side, types, type_names, schemas in (
        ("key", sample.key_types, sample.key_type_names, sample.schemas[0]),
        ("value", sample.value_types, sample.type_names, sample.schemas[1]),
    ):
        if len(types) > 1 or len(type_names) > 1:
            what = ", ".join(sorted(type_names) or (_kind(kind) for kind in sorted(types)))
            raise _several_kinds(name, what)
        options |= _format(name, side, next(iter(types)), type_names)
        declared = _fields(sample.table, side)
        _check_alike(name, schemas, {f.name for f in declared})
        fields += declared
    for found in fields:
        if not found.name or "." in found.name:
            raise ValueError(f"a field of map {name!r} is named {found.name!r}: no mapping can declare it")
        if found.name == "this" and options["valueFormat"] == "json-flat":
            raise ValueError(
                f"values of map {name!r} are JSON without fields (column 'this'): no mapping describes them"
            )
        check_identifier(f"a field of map {name!r}", found.name, "no mapping can declare it")
    mapping = SqlMapping(name, tuple(fields), options)
    mapping.create(chosen)
    return mapping.ddl()


def _several_kinds(name: str, what: str) -> ValueError:
    return ValueError(f"the entries of map {name!r} are of several kinds: no mapping describes them together ({what})")


def _check_alike(name: str, schemas: list[Schema], declared: set[str]) -> None:
    """Refuse schemas that have a declared field of different kinds: SQL reads one, and fails at the others."""
    met: dict[str, str] = {}
    for schema in schemas:
        for field in schema.fields:
            kind = field.kind.name.removeprefix("NULLABLE_")
            if field.name in declared and met.setdefault(field.name, kind) != kind:
                raise _several_kinds(name, f"field {field.name!r} is {' and '.join(sorted({met[field.name], kind}))}")


def _format(name: str, side: str, kind: int, type_names: set[str]) -> dict[str, str]:
    if kind == TypeId.COMPACT:
        return {f"{side}Format": "compact", f"{side}CompactTypeName": next(iter(type_names))}
    if kind == TypeId.JSON:
        return {f"{side}Format": "json-flat"}
    if kind == TypeId.PORTABLE:
        ids = dict(zip(("FactoryId", "ClassId", "ClassVersion"), next(iter(type_names)).split(":"), strict=True))
        return {f"{side}Format": "portable"} | {f"{side}Portable{part}": number for part, number in ids.items()}
    if kind in _PLAIN:
        return {f"{side}Format": KEY_FORMATS[_PLAIN[kind]]}
    raise ValueError(f"the {side}s of map {name!r} are {_kind(kind)}: write CREATE MAPPING by hand for them")


def _fields(table: pa.Table, side: str) -> list[Field]:
    """The columns that SQL can declare; those of a key that is plain are there by themselves."""
    fields = []
    for column in table.schema:
        in_key = column.name.startswith("__key.")
        if column.name == "__key" or in_key != (side == "key"):
            continue
        sql = _sql_name(column.type)
        if sql is not None and column.name != "this":
            fields.append(Field(column.name.removeprefix("__key."), sql, in_key))
        elif column.name == "this" and sql is not None:
            fields.append(Field("this", sql))
    if side == "key" and "__key" in table.column_names:
        sql = _sql_name(table.schema.field("__key").type)
        if sql is not None:
            fields.append(Field("__key", sql))
    return fields


def _sql_name(arrow: pa.DataType) -> str | None:
    kind = sql_type_of(arrow)
    return None if kind is None else SQL_TYPE_NAMES[kind].replace("_", " ")


def _kind(kind: int) -> str:
    return _KINDS.get(kind) or _PLAIN.get(kind, kind_name(kind)).lower()


def _mapped(client: Any) -> set[str] | None:
    """Names of mappings; None where the members have no SQL for it."""
    try:
        with client.sql.execute("SELECT table_name FROM information_schema.mappings").result() as result:
            return {row["table_name"] for row in result}
    except HazelcastError:
        return None
