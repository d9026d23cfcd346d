"""Numbers of any size as ``java.math`` lays them out, both ways."""

from __future__ import annotations

from decimal import Decimal

from .byte_order import ByteOrder


def pack_big_integer(order: ByteOrder, value: int) -> bytes:
    """A ``BigInteger``: ``int32`` length, then as few bytes of two's complement as hold it, always big endian."""
    length = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return order.int.pack(length) + value.to_bytes(length, "big", signed=True)


def unpack_big_integer(order: ByteOrder, buffer: bytes, at: int) -> tuple[int, int]:
    """The number, and the offset of the byte after it."""
    start = at + 4
    end = start + order.int.unpack_from(buffer, at)[0]
    if not start < end <= len(buffer):
        raise EOFError(f"a BigInteger at byte {at} that ends at {end} of {len(buffer)}")
    return int.from_bytes(buffer[start:end], "big", signed=True), end


def pack_decimal(order: ByteOrder, value: Decimal) -> bytes:
    """A ``BigDecimal``: the digits as a ``BigInteger``, then ``int32`` scale, negative for whole multiples of ten.

    Raises
    ------
    ValueError
        When the value is no finite number.
    """
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value} has no counterpart in Java: a BigDecimal is always a finite number")
    # By way of Decimal, because int() of a string refuses more than 4300 digits.
    return pack_big_integer(order, int(Decimal((sign, digits, 0)))) + order.int.pack(-exponent)


def unpack_decimal(order: ByteOrder, buffer: bytes, at: int) -> tuple[Decimal, int]:
    """The number with all its digits and its scale, and the offset of the byte after it."""
    unscaled, end = unpack_big_integer(order, buffer, at)
    # Not scaleb(), which rounds to the precision of the current context.
    sign, digits, _ = Decimal(unscaled).as_tuple()
    return Decimal((sign, digits, -order.int.unpack_from(buffer, end)[0])), end + 4
