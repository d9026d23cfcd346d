"""SQL mappings: what tells the members' SQL which columns the entries of a map have.

A mapping declares the columns of the values only, so that ``SELECT *`` is exactly the frame that was loaded; the key
is ``__key``. The levels of a MultiIndex are in no column of the value, and a Compact key has no SQL type, so they alone
are declared as columns of the key.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hzdata.core.query import CONNECTION_LOST, HazelcastSqlError

from .types import SQL_TYPES

__all__ = ["Field", "SqlMapping", "identifier", "literal"]

Answer = TypeVar("Answer")

_LONGEST_IDENTIFIER = 128

KEY_FORMATS = {row.name: row.name.lower() for row in SQL_TYPES}
"""Name of the key format of a plain key, by its SQL type."""


@dataclass(frozen=True)
class Field:
    """A column of a mapping.

    Attributes
    ----------
    name : str
    sql : str
        Its SQL type.
    in_key : bool
        Whether it is a field of the key, not of the value.
    """

    name: str
    sql: str
    in_key: bool = False

    @property
    def external_name(self) -> str:
        """Where it is found in an entry."""
        return f"__key.{self.name}" if self.in_key and self.name != "__key" else self.name

    def ddl(self) -> str:
        """Return it as in ``CREATE MAPPING``."""
        external = f" EXTERNAL NAME {identifier(self.external_name)}" if self.in_key else ""
        return f"{identifier(self.name)} {self.sql}{external}"


@dataclass(frozen=True)
class SqlMapping:
    """A mapping of type IMap.

    Attributes
    ----------
    name : str
        Of the mapping and of its map.
    fields : tuple of Field
    options : mapping of str to str
        ``keyFormat``, ``valueFormat`` and what belongs to them.
    """

    name: str
    fields: tuple[Field, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    def ddl(self, *, replace: bool = False) -> str:
        """Return the statement that creates it."""
        fields = ",\n  ".join(f.ddl() for f in self.fields)
        options = ",\n  ".join(f"{literal(key)} = {literal(value)}" for key, value in self.options.items())
        verb = "CREATE OR REPLACE MAPPING" if replace else "CREATE MAPPING IF NOT EXISTS"
        return f"{verb} {identifier(self.name)} (\n  {fields}\n)\nTYPE IMap\nOPTIONS (\n  {options}\n)"

    def create(self, client: Any, *, replace: bool = False) -> None:
        """Create it on the cluster."""
        _repeated(client, lambda: client.sql.execute(self.ddl(replace=replace)).result())

    @classmethod
    def find(cls, client: Any, name: str) -> SqlMapping | None:
        """Return the mapping of that name that the cluster has, or None."""
        found = _rows(
            client, "SELECT mapping_type, mapping_options FROM information_schema.mappings WHERE table_name = ?", name
        )
        if not found:
            return None
        ((kind, options),) = found
        columns = _rows(
            client,
            "SELECT column_name, data_type, column_external_name, ordinal_position "
            "FROM information_schema.columns WHERE table_name = ?",
            name,
        )
        fields = [
            Field(column, sql.replace("_", " "), external.startswith("__key."))
            for column, sql, external, _ in sorted(columns, key=lambda row: int(row[3]))
        ]
        return cls(name, tuple(fields), {"type": kind} | _parse_options(options))

    def differences(self, other: SqlMapping) -> Iterable[str]:
        """Say in what `other`, which the cluster has, differs from this one, which a frame needs."""
        if other.options.get("type", "IMap") != "IMap":
            yield f"it is a mapping of type {other.options['type']}, not of a map"
            return
        ours = {f.name: f for f in self.fields}
        theirs = {f.name: f for f in other.fields}
        for name in ours.keys() - theirs.keys():
            yield f"the mapping has no column {name!r}"
        for name in theirs.keys() - ours.keys():
            yield f"the frame has no column {name!r}"
        for name in ours.keys() & theirs.keys():
            if ours[name].sql != theirs[name].sql:
                yield f"column {name!r} is {ours[name].sql} in the frame and {theirs[name].sql} in the mapping"
        for key, value in self.options.items():
            there = other.options.get(key)
            if there is not None and _spelling(there) != _spelling(value):
                yield f"{key} is {value!r} for the frame and {there!r} in the mapping"


def check_identifier(option: str, name: str, remedy: str) -> None:
    """Refuse a name that no SQL statement can say.

    Raises
    ------
    ValueError
    """
    if len(name) > _LONGEST_IDENTIFIER:
        raise ValueError(
            f"{option}: {name[:20]!r}… has {len(name)} characters, SQL takes {_LONGEST_IDENTIFIER}: {remedy}"
        )
    if any(unicodedata.category(c) == "Cc" for c in name):
        raise ValueError(f"{option}={name!r}: SQL takes no line breaks and control characters: {remedy}")


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _repeated(client: Any, ask: Callable[[], Answer]) -> Answer:
    """Return the answer to a statement that may run twice: asked again when its member is lost."""
    until = time.monotonic() + client.config.invocation_timeout
    while True:
        try:
            return ask()
        except HazelcastSqlError as error:
            if error.code != CONNECTION_LOST or time.monotonic() > until:
                raise
        time.sleep(client.config.invocation_retry_pause)


def _rows(client: Any, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    def ask() -> list[tuple[Any, ...]]:
        with client.sql.execute(statement, *parameters).result() as result:
            width = result.get_row_metadata().column_count
            return [tuple(row.get_object_with_index(i) for i in range(width)) for row in result]

    return _repeated(client, ask)


def _parse_options(text: str | None) -> dict[str, str]:
    try:
        parsed = json.loads(text or "{}")
    except ValueError:
        # Members before 5.1 wrote them in no format that can be read back with certainty.
        return {}
    return {str(key): str(value) for key, value in parsed.items()}


def _spelling(option: str) -> str:
    """Members take ``int`` and ``integer`` for the same format."""
    return {"int": "integer"}.get(option.lower(), option)
