"""The SQL column types, by the ids they have in a page."""

from __future__ import annotations

__all__ = ["SQL_TYPE_NAMES", "SqlColumnType"]


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

FIXED_SIZES: dict[int, int] = {
    SqlColumnType.BOOLEAN: 1,
    SqlColumnType.TINYINT: 1,
    SqlColumnType.SMALLINT: 2,
    SqlColumnType.INTEGER: 4,
    SqlColumnType.BIGINT: 8,
    SqlColumnType.REAL: 4,
    SqlColumnType.DOUBLE: 8,
    SqlColumnType.DATE: 6,
    SqlColumnType.TIME: 7,
    SqlColumnType.TIMESTAMP: 13,
    SqlColumnType.TIMESTAMP_WITH_TIME_ZONE: 17,
}
"""Bytes of one item of a fixed-size column."""
