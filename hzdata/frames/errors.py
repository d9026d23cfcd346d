"""What can go wrong between a column and a cluster.

    HazelcastError
    └── ColumnError             names the column
        ├── ColumnTypeError     its type has no home on the other side      (also a TypeError)
        └── ColumnValueError    one value of it does not fit; names the row (also a ValueError)

Each message ends with the remedy.
"""

from __future__ import annotations

from hzdata.core.errors import HazelcastError

__all__ = ["ColumnError", "ColumnTypeError", "ColumnValueError"]


class ColumnError(HazelcastError):
    """A column can not be taken as it is.

    Attributes
    ----------
    column : str or int
        Its name, or its position where it has none of its own.
    """

    def __init__(self, column: str | int, problem: str, remedy: str) -> None:
        self.column = column
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"column {column!r}{self._where()}: {problem}; {remedy}")

    def _where(self) -> str:
        return ""


class ColumnTypeError(ColumnError, TypeError):
    """The type of a column has no home on the other side."""


class ColumnValueError(ColumnError, ValueError):
    """A value does not fit the type that its column has on the other side.

    Attributes
    ----------
    row : int
        Position of the first such value, counted from 0 over the whole result or frame.
    """

    def __init__(self, column: str | int, row: int, problem: str, remedy: str) -> None:
        self.row = row
        super().__init__(column, problem, remedy)

    def _where(self) -> str:
        return f", row {self.row}"
