"""Bulk traffic, scans, loads and SQL pages, on connections of its own, each read by the thread that consumes it.

Large answers on the ordinary connections would make every ``get`` wait behind them (10 ms instead of 70 µs, behind
eight scans), and would pass through the I/O thread for nothing: whoever wants a page is waiting for it anyway.
"""

from .connection import BulkConnection
from .cursor import SqlCursor, open_cursor
from .service import BulkService, of

__all__ = ["BulkConnection", "BulkService", "SqlCursor", "of", "open_cursor"]
