"""The SQL column types, by the ids they have in a page."""

from __future__ import annotations

from struct import calcsize

from .java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE


class SqlColumnType:
    """Ids of the SQL types; what a value of each looks like in Python is said in ``hzdata.core.sql``.

    Examples
    --------
    >>> metadata = client.sql.execute("SELECT 'Ada' AS name").result().get_row_metadata()
    >>> metadata.get_column(0).type == SqlColumnType.VARCHAR
    True
    """

    VARCHAR, BOOLEAN = 0, 1
    TINYINT, SMALLINT, INTEGER, BIGINT = 2, 3, 4, 5
    DECIMAL, REAL, DOUBLE = 6, 7, 8
    DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE = 9, 10, 11, 12
    OBJECT, NULL, JSON = 13, 14, 15


SQL_TYPE_NAMES: dict[int, str] = {value: name for name, value in vars(SqlColumnType).items() if isinstance(value, int)}

TIMES = {
    SqlColumnType.DATE: DATE,
    SqlColumnType.TIME: TIME,
    SqlColumnType.TIMESTAMP: TIMESTAMP,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: TIMESTAMP_WITH_TIMEZONE,
}
"""What an item of a column of dates or times is in Java."""

FIXED_FORMATS: dict[int, str] = {
    SqlColumnType.BOOLEAN: "?",
    SqlColumnType.TINYINT: "b",
    SqlColumnType.SMALLINT: "h",
    SqlColumnType.INTEGER: "i",
    SqlColumnType.BIGINT: "q",
    SqlColumnType.REAL: "f",
    SqlColumnType.DOUBLE: "d",
    **{type: time.numbers for type, time in TIMES.items()},
}
"""How an item of a fixed-size column lies, in the letters of `struct`."""

FIXED_SIZES = {type: calcsize("<" + numbers) for type, numbers in FIXED_FORMATS.items()}
"""Bytes of one item of a fixed-size column."""
