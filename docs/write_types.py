"""Write docs/types.md from the type table: ``python docs/write_types.py``; ``--check`` only says whether it is so."""

from __future__ import annotations

import sys
from pathlib import Path

from hzdata.frames.types import HOMELESS, HOMES, SQL_TYPES, sql_type

PAGE = Path(__file__).with_name("types.md")


def page() -> str:
    """Return the text of docs/types.md."""
    lines = [
        "# Types",
        "",
        "Written by `python docs/write_types.py` from `hzdata/frames/types.py`; change that, not this.",
        "",
        "## From a SQL result",
        "",
        "A column's type follows from its SQL type, never from its values: all chunks of one result, and an empty",
        'result, have the same. With `dtype_backend="pyarrow"` pandas has the Arrow type of each column.',
        "",
        *_table(
            ("SQL", "`read_arrow`", "`read_sql`", '`dtype_backend="numpy_nullable"`'),
            [(row.name, f"`{row.arrow}`", f"`{row.pandas}`", f"`{row.numpy_nullable}`") for row in SQL_TYPES],
        ),
        "",
        *(f"- **{row.name}**: {row.note}" for row in SQL_TYPES if row.note),
        "",
        "`hzdata.aggregate`: counts are `int64`, sums of integers and booleans `Int64`; means, deviations, variances",
        "`float64`; sums of other numbers, `min` and `max` are of the column's type.",
        "",
        "What does not fit is an error that names the column, the row and the remedy.",
        "",
        "## Into a map",
        "",
        "Dictionaries (pandas: categorical) and run-ends live where their values would. Every field may be null.",
        "",
        *_table(
            ("Arrow", "SQL type of the mapping", "Compact field kind"),
            [
                *((f"`{name}`", sql, sql_type(sql).field_kind.name) for _, name, sql, _ in HOMES),  # type: ignore[union-attr]
                ("`binary`, large, fixed or view", "OBJECT", "ARRAY_OF_INT8"),
                ("`list`, large, fixed or view", "OBJECT", "ARRAY_OF_ the kind of its items"),
            ],
        ),
        "",
        "These have no home in a map and are refused:",
        "",
        *_table(("Arrow", "why", "instead"), [(f"`{name}`", why, instead) for _, name, why, instead in HOMELESS]),
    ]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows)]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(None if PAGE.read_text() == page() else f"{PAGE.name} is not what the type table says: run {__file__}")
    PAGE.write_text(page())
