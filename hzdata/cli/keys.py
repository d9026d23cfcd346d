"""The keys of an exported map, ``__key`` in its file, and the columns that they were made of.

A map that was loaded has the columns of its keys in the values, too: those make the same keys when loaded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .errors import CommandError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["keyed"]

_KEY = "__key"


def keyed(
    rows: pa.RecordBatchReader, key: Sequence[str] | None, name: str
) -> tuple[pa.RecordBatchReader, list[str] | None]:
    """Return rows without the columns of exported keys, and the columns that make the keys.

    Parameters
    ----------
    rows
    key
        What was chosen to make the keys. None: the columns that are equal to those of the exported keys.
    name
        Of the file.

    Raises
    ------
    CommandError
        When there are no such columns; also by the rows, when a later one differs.
    """
    import pyarrow as pa

    exported = [column for column in rows.schema.names if column == _KEY or column.startswith(f"{_KEY}.")]
    if not exported:
        return rows, None if key is None else list(key)
    first = next(rows, None)
    made_of = {} if key is not None else {column: _equal_to(column, rows.schema, first, name) for column in exported}
    kept = pa.schema([field for field in rows.schema if field.name not in exported])

    def batches() -> Iterator[pa.RecordBatch]:
        batch, count = first, 0
        while batch is not None:
            for column, same in made_of.items():
                if not batch[column].equals(batch[same]):
                    raise CommandError(f"{name}: behind row {count:,}: {_told(column)}")
            yield batch.select(kept.names)
            count += batch.num_rows
            batch = next(rows, None)

    return pa.RecordBatchReader.from_batches(kept, batches()), list(key or made_of.values())


def _equal_to(column: str, schema: pa.Schema, first: pa.RecordBatch | None, name: str) -> str:
    field = column.removeprefix(f"{_KEY}.")
    for other in schema:
        is_candidate = other.name == field if column != _KEY else not other.name.startswith(_KEY)
        is_candidate = is_candidate and other.type == schema.field(column).type
        if is_candidate and (first is None or first[other.name].equals(first[column])):
            return str(other.name)
    raise CommandError(f"{name}: {_told(column)}")


def _told(column: str) -> str:
    return (
        f"its column {column!r} has the keys of the map that it was exported from, and no other column is equal to it: "
        "pass --key with the columns that are to make the keys"
    )
