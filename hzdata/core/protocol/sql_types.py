"""The SQL column types, by the ids they have in a page."""

from __future__ import annotations

from struct import calcsize

from .java_time import DATE, TIME, TIMESTAMP, TIMESTAMP_WITH_TIMEZONE


class SqlColumnType:
    """Ids of the SQL types; what a value of each looks like in Python is said in ``hzdata.core.sql``."""

    VARCHAR = 0
    BOOLEAN = 1
    TINYINT = 2
    SMALLINT = 3
    INTEGER = 4
    BIGINT = 5
    DECIMAL = 6
    REAL = 7
    DOUBLE = 8
    DATE = 9
    TIME = 10
    TIMESTAMP = 11
    TIMESTAMP_WITH_TIME_ZONE = 12
    OBJECT = 13
    NULL = 14
    JSON = 15


SQL_TYPE_NAMES: dict[int, str] = {value: name for name, value in vars(SqlColumnType).items() if isinstance(value, int)}

FIXED_FORMATS: dict[int, str] = {
    SqlColumnType.BOOLEAN: "?",
    SqlColumnType.TINYINT: "b",
    SqlColumnType.SMALLINT: "h",
    SqlColumnType.INTEGER: "i",
    SqlColumnType.BIGINT: "q",
    SqlColumnType.REAL: "f",
    SqlColumnType.DOUBLE: "d",
    SqlColumnType.DATE: DATE.numbers,
    SqlColumnType.TIME: TIME.numbers,
    SqlColumnType.TIMESTAMP: TIMESTAMP.numbers,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: TIMESTAMP_WITH_TIMEZONE.numbers,
}
"""How an item of a fixed-size column lies, in the letters of `struct`."""

FIXED_SIZES = {type: calcsize("<" + numbers) for type, numbers in FIXED_FORMATS.items()}
"""Bytes of one item of a fixed-size column."""
