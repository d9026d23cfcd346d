"""What a serializer writes values to and reads them from.

Numbers are in the byte order that the client is configured for, big endian unless told otherwise. Strings and arrays
are ``int32 length`` (-1 for None) and what they hold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

__all__ = ["ObjectDataInput", "ObjectDataOutput"]


class ObjectDataOutput(ABC):
    """Takes the parts of a value, one after another, and turns them into bytes."""

    @abstractmethod
    def write_from(self, buff: bytes | bytearray, offset: int | None = None, length: int | None = None) -> None:
        """Write ``length`` bytes of ``buff`` from ``offset``, without a length before them.

        Raises
        ------
        IndexError
            When ``buff`` does not have them.
        """

    @abstractmethod
    def write_boolean(self, val: bool) -> None:
        """Write one byte, 1 or 0."""

    @abstractmethod
    def write_byte(self, val: int) -> None:
        """Write one byte: -128 to 127, or 128 to 255, which a reader of signed bytes sees as negative."""

    @abstractmethod
    def write_short(self, val: int) -> None:
        """Write a signed 16-bit integer."""

    @abstractmethod
    def write_char(self, val: str) -> None:
        """Write a character as one UTF-16 code unit."""

    @abstractmethod
    def write_int(self, val: int) -> None:
        """Write a signed 32-bit integer."""

    @abstractmethod
    def write_long(self, val: int) -> None:
        """Write a signed 64-bit integer."""

    @abstractmethod
    def write_float(self, val: float) -> None:
        """Write a 32-bit float."""

    @abstractmethod
    def write_double(self, val: float) -> None:
        """Write a 64-bit float."""

    @abstractmethod
    def write_bytes(self, val: str) -> None:
        """Write each character of a string as one byte, without a length before them."""

    @abstractmethod
    def write_chars(self, val: str) -> None:
        """Write a string as UTF-16 code units, without a length before them."""

    @abstractmethod
    def write_string(self, val: str | None) -> None:
        """Write a string as UTF-8."""

    @abstractmethod
    def write_utf(self, val: str | None) -> None:
        """Write a string as UTF-8; the older name of `write_string`."""

    @abstractmethod
    def write_byte_array(self, val: bytes | bytearray | None) -> None:
        """Write an array of bytes."""

    @abstractmethod
    def write_boolean_array(self, val: Sequence[bool] | None) -> None:
        """Write an array of booleans, one byte each."""

    @abstractmethod
    def write_char_array(self, val: Sequence[str] | None) -> None:
        """Write an array of characters, one UTF-16 code unit each."""

    @abstractmethod
    def write_int_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 32-bit integers."""

    @abstractmethod
    def write_long_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 64-bit integers."""

    @abstractmethod
    def write_double_array(self, val: Sequence[float] | None) -> None:
        """Write an array of 64-bit floats."""

    @abstractmethod
    def write_float_array(self, val: Sequence[float] | None) -> None:
        """Write an array of 32-bit floats."""

    @abstractmethod
    def write_short_array(self, val: Sequence[int] | None) -> None:
        """Write an array of signed 16-bit integers."""

    @abstractmethod
    def write_string_array(self, val: Sequence[str | None] | None) -> None:
        """Write an array of strings, any of which may be None."""

    @abstractmethod
    def write_utf_array(self, val: Sequence[str | None] | None) -> None:
        """Write an array of strings; the older name of `write_string_array`."""

    @abstractmethod
    def write_object(self, val: Any) -> None:
        """Write any value: its type id, then what its own serializer writes."""

    @abstractmethod
    def to_byte_array(self) -> bytearray:
        """Return a copy of all that was written so far."""

    @abstractmethod
    def get_byte_order(self) -> str:
        """Return ``"BIG_ENDIAN"`` or ``"LITTLE_ENDIAN"``."""


class ObjectDataInput(ABC):
    """Gives back what was written to an `ObjectDataOutput`, in the same order.

    Every read raises `EOFError` when the data ends before the value does.
    """

    @abstractmethod
    def read_into(self, buff: bytearray, offset: int | None = None, length: int | None = None) -> bytearray:
        """Read ``length`` bytes into ``buff`` from ``offset`` on, as many as fit when not given.

        Returns
        -------
        bytearray
            ``buff``.

        Raises
        ------
        IndexError
            When ``buff`` has no room for them.
        """

    @abstractmethod
    def skip_bytes(self, count: int) -> int:
        """Skip that many bytes, or what is left of them; return how many were skipped."""

    @abstractmethod
    def read_boolean(self) -> bool:
        """Read one byte: True unless it is 0."""

    @abstractmethod
    def read_byte(self) -> int:
        """Read one byte as a signed integer."""

    @abstractmethod
    def read_unsigned_byte(self) -> int:
        """Read one byte as an unsigned integer."""

    @abstractmethod
    def read_short(self) -> int:
        """Read a signed 16-bit integer."""

    @abstractmethod
    def read_unsigned_short(self) -> int:
        """Read an unsigned 16-bit integer."""

    @abstractmethod
    def read_char(self) -> str:
        """Read one UTF-16 code unit."""

    @abstractmethod
    def read_int(self) -> int:
        """Read a signed 32-bit integer."""

    @abstractmethod
    def read_long(self) -> int:
        """Read a signed 64-bit integer."""

    @abstractmethod
    def read_float(self) -> float:
        """Read a 32-bit float."""

    @abstractmethod
    def read_double(self) -> float:
        """Read a 64-bit float."""

    @abstractmethod
    def read_string(self) -> str | None:
        """Read a string."""

    @abstractmethod
    def read_utf(self) -> str | None:
        """Read a string; the older name of `read_string`."""

    @abstractmethod
    def read_byte_array(self) -> bytearray | None:
        """Read an array of bytes."""

    @abstractmethod
    def read_boolean_array(self) -> list[bool] | None:
        """Read an array of booleans."""

    @abstractmethod
    def read_char_array(self) -> list[str] | None:
        """Read an array of UTF-16 code units."""

    @abstractmethod
    def read_int_array(self) -> list[int] | None:
        """Read an array of signed 32-bit integers."""

    @abstractmethod
    def read_long_array(self) -> list[int] | None:
        """Read an array of signed 64-bit integers."""

    @abstractmethod
    def read_double_array(self) -> list[float] | None:
        """Read an array of 64-bit floats."""

    @abstractmethod
    def read_float_array(self) -> list[float] | None:
        """Read an array of 32-bit floats."""

    @abstractmethod
    def read_short_array(self) -> list[int] | None:
        """Read an array of signed 16-bit integers."""

    @abstractmethod
    def read_string_array(self) -> list[str | None] | None:
        """Read an array of strings."""

    @abstractmethod
    def read_utf_array(self) -> list[str | None] | None:
        """Read an array of strings; the older name of `read_string_array`."""

    @abstractmethod
    def read_object(self) -> Any:
        """Read any value that was written by `ObjectDataOutput.write_object`."""

    @abstractmethod
    def get_byte_order(self) -> str:
        """Return ``"BIG_ENDIAN"`` or ``"LITTLE_ENDIAN"``."""

    @abstractmethod
    def position(self) -> int:
        """Return the offset, from the start of the data, of the byte that is read next."""

    @abstractmethod
    def size(self) -> int:
        """Return how many bytes the data has, read or not."""
