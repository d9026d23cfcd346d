"""Columns of DECIMAL: ``int32 n``, n bytes of a two's complement big-endian unscaled value, ``int32 scale`` a value.

Every value has a scale of its own, negative ones included, and up to 76 digits come out of an ``avg``. Values that
128 or 256 bits can carry through are done as arrays, one scale at a time; the few beyond that as Python decimals, with
the same results.
"""

from __future__ import annotations

import decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hzdata.core.protocol.framing import HEADER_SIZE
from hzdata.core.protocol.page import SqlPage

from .. import kernels
from ..errors import ColumnValueError
from .varlen import ValueFrames, read_value_frames

__all__ = ["DecimalCodec", "DecimalFloatCodec", "Decimals"]

_SIZE = 4  # of n and of scale
_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_LARGEST_EXACT_INT = 2**53
_LARGEST_EXACT_POWER = 22  # 10**22 is the last power of ten that a float64 holds exactly
_DIGITS_OF_256_BITS = 76

Int64Array = npt.NDArray[np.int64]


class Decimals(NamedTuple):
    """The decimals of a column that are not null.

    Attributes
    ----------
    rows : numpy.ndarray of int64
        Where they go.
    starts, sizes : numpy.ndarray of int64
        Where the bytes of their unscaled values are in `bytes`, and how many.
    scales : numpy.ndarray of int64
    """

    bytes: npt.NDArray[np.uint8]
    rows: Int64Array
    starts: Int64Array
    sizes: Int64Array
    scales: Int64Array

    def exact(self, item: int) -> decimal.Decimal:
        start = self.starts[item]
        unscaled = int.from_bytes(self.bytes[start : start + self.sizes[item]].tobytes(), "big", signed=True)
        return _EXACT.scaleb(decimal.Decimal(unscaled), -int(self.scales[item]))

    def select(self, items: npt.NDArray[Any]) -> Decimals:
        return Decimals(self.bytes, self.rows[items], self.starts[items], self.sizes[items], self.scales[items])

    def integers(self) -> Int64Array:
        """Return the unscaled values, none of which has more than 8 bytes."""
        ends = self.starts + self.sizes
        if ends.min(initial=8) < 8:
            return self.unscaled(8).view("<i8").ravel()
        # The 8 bytes that end with a value: what lies before it is shifted out, and the sign back in.
        shift = 64 - 8 * self.sizes
        return kernels.active.gather(self.bytes, ends - 8, ">i8").astype(np.int64) << shift >> shift

    def unscaled(self, width: int) -> npt.NDArray[np.uint8]:
        """Return the unscaled values as little-endian integers of `width` bytes, shape (values, width)."""
        place = np.arange(width)
        beyond = place >= self.sizes[:, None]
        digits = self.bytes[(self.starts + self.sizes - 1)[:, None] - place]
        sign = np.where(self.bytes[self.starts] & 0x80, np.uint8(0xFF), np.uint8(0))
        return np.where(beyond, sign[:, None], digits)


def _read_values(frames: ValueFrames) -> Decimals:
    rows = np.flatnonzero(frames.present)
    starts = frames.offsets[rows] + HEADER_SIZE + _SIZE
    sizes = frames.offsets[rows + 1] - starts - _SIZE
    scales = frames.bytes[(starts + sizes)[:, None] + np.arange(_SIZE)].view("<i4").ravel()
    return Decimals(frames.bytes, rows, starts, sizes, scales.astype(np.int64))


class DecimalCodec:
    """DECIMAL as an Arrow decimal of one precision and scale; more digits behind the point are rounded half to even."""

    def __init__(self, name: str, arrow: pa.DataType) -> None:
        self.name = name
        self.arrow = arrow
        self._narrow = arrow.precision == 38 and 0 <= arrow.scale <= 18

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        frames = read_value_frames(page, column)
        return self.convert(_read_values(frames), frames.present, first_row)

    def convert(self, values: Decimals, present: npt.NDArray[np.bool_], first_row: int) -> pa.Array:
        pieces: list[pa.Array] = []
        places: list[Int64Array] = []
        one_scale = len(values.scales) and (values.scales == values.scales[0]).all()
        for scale in values.scales[:1].tolist() if one_scale else np.unique(values.scales).tolist():
            group = values if one_scale else values.select(values.scales == scale)
            for rows, piece in self._of_scale(group, scale, first_row):
                places.append(rows)
                pieces.append(piece)
        return _in_order(pieces, places, present, self.arrow)

    def _of_scale(self, values: Decimals, scale: int, first_row: int) -> list[tuple[Int64Array, pa.Array]]:
        up = self.arrow.scale - scale
        if self._narrow and 0 <= up <= 18 and values.sizes.max() <= 8:
            # 2^63 * 10^18 fits 128 bits, and so 38 digits: nothing to check.
            return [(values.rows, _decimal_array(_product(values.integers(), 10**up), self.arrow))]
        # What 256 bits can carry: so many digits that neither they nor the rescaled value have more than 76.
        digits = _digits_at_most(values)
        carried = digits + max(up, 0) <= _DIGITS_OF_256_BITS
        if not -38 <= scale <= _DIGITS_OF_256_BITS or -up > _DIGITS_OF_256_BITS:
            carried[:] = False
        done: list[tuple[Int64Array, pa.Array]] = []
        if carried.any():
            group = values.select(carried)
            done.append((group.rows, self._rescale(group, scale, first_row)))
        if not carried.all():
            group = values.select(~carried)
            done.append((group.rows, self._one_by_one(group, first_row)))
        return done

    def _rescale(self, values: Decimals, scale: int, first_row: int) -> pa.Array:
        array = _decimal_array(values.unscaled(32), pa.decimal256(_DIGITS_OF_256_BITS, scale))
        try:
            if scale > self.arrow.scale:
                array = pc.round(array, self.arrow.scale, round_mode="half_to_even")
            return array.cast(self.arrow)
        except pa.ArrowInvalid:
            return self._one_by_one(values, first_row)  # names the value that does not fit

    def _one_by_one(self, values: Decimals, first_row: int) -> pa.Array:
        unit = decimal.Decimal((0, (1,), -self.arrow.scale))
        rounded = []
        for item in range(len(values.rows)):
            value = values.exact(item)
            whole = self.arrow.precision - self.arrow.scale
            if value.adjusted() < whole:
                result = _EXACT.quantize(value, unit)
                if result.adjusted() < whole or not result:
                    rounded.append(result)
                    continue
            elif not value:
                rounded.append(decimal.Decimal(0))
                continue
            raise ColumnValueError(
                self.name,
                first_row + int(values.rows[item]),
                f"{_short(value)} has more than the {whole} digits before the point of {self.arrow}",
                f'pass decimals={{"{self.name}": (precision, scale)}} with more room, '
                f"or CAST it in the query (to DOUBLE, or VARCHAR for every digit)",
            )
        return pa.array(rounded, self.arrow)


class DecimalFloatCodec:
    """DECIMAL as float64: the nearest one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, page: SqlPage, column: int, first_row: int) -> pa.Array:
        frames = read_value_frames(page, column)
        return self.convert(_read_values(frames), frames.present, first_row)

    def convert(self, values: Decimals, present: npt.NDArray[np.bool_], first_row: int) -> pa.Array:
        floats = np.zeros(len(present))
        narrow = values.sizes <= 8
        group = values.select(narrow)
        integers = group.integers()
        # One division (or product) of two exact floats is the nearest float of the result.
        exact = (
            (np.abs(integers) <= _LARGEST_EXACT_INT)
            & (integers != np.iinfo(np.int64).min)
            & (np.abs(group.scales) <= _LARGEST_EXACT_POWER)
        )
        powers = 10.0 ** np.arange(_LARGEST_EXACT_POWER + 1)
        quick, scales = integers[exact].astype(np.float64), group.scales[exact]
        floats[group.rows[exact]] = np.where(
            scales >= 0, quick / powers[np.abs(scales)], quick * powers[np.abs(scales)]
        )
        slow = np.concatenate([np.flatnonzero(narrow)[~exact], np.flatnonzero(~narrow)])
        if len(slow):
            rest = values.select(np.sort(slow))
            floats[rest.rows] = self._by_text(rest, first_row)
        validity = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))
        return pa.Array.from_buffers(pa.float64(), len(floats), [validity, pa.py_buffer(floats)])

    def _by_text(self, values: Decimals, first_row: int) -> npt.NDArray[np.float64]:
        """Take the way through text, whose conversion to float rounds correctly."""
        floats = np.zeros(len(values.rows))
        carried = _digits_at_most(values) <= _DIGITS_OF_256_BITS
        for scale in np.unique(values.scales[carried]).tolist():
            items = np.flatnonzero(carried & (values.scales == scale))
            # Scale is left to the text: Arrow's own decimals have no room for every int32.
            text = _decimal_array(values.select(items).unscaled(32), pa.decimal256(_DIGITS_OF_256_BITS, 0)).cast(
                pa.string()
            )
            if scale:
                text = pc.binary_join_element_wise(text, f"e{-scale}", "")
            floats[items] = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
        for item in np.flatnonzero(~carried).tolist():
            floats[item] = float(values.exact(item))
        wrong = np.flatnonzero(np.isinf(floats))
        if len(wrong):
            item = int(wrong[0])
            raise ColumnValueError(
                self.name,
                first_row + int(values.rows[item]),
                f"{_short(values.exact(item))} is beyond what float64 can hold",
                "CAST it to VARCHAR in the query",
            )
        return floats


def _digits_at_most(values: Decimals) -> Int64Array:
    """Return, for each value, how many decimal digits it has at most."""
    digits = (values.sizes * 8 * 30_103) // 100_000 + 1
    # 32 bytes can have 77 digits; those below 0x15 << 248 (and above its negative) have at most 76.
    top = values.bytes[values.starts].view(np.int8)
    digits[(values.sizes == 32) & (top >= -0x15) & (top < 0x15)] = _DIGITS_OF_256_BITS
    return digits


def _product(values: Int64Array, factor: int) -> npt.NDArray[np.uint8]:
    """Return values times a factor below 2^63 as little-endian integers of 16 bytes, shape (values, 16)."""
    half, low_half = np.uint64(32), np.uint64(0xFFFFFFFF)
    low, high = np.uint64(factor) & low_half, np.uint64(factor) >> half
    unsigned = values.view(np.uint64)
    upper, lower = unsigned >> half, unsigned & low_half
    carried = upper * low + (lower * low >> half)
    middle = lower * high + (carried & low_half)
    product = np.empty((len(values), 2), np.uint64)
    product[:, 0] = unsigned * np.uint64(factor)
    # Without its sign, a negative value is 2^64 too great, and so is its product, by the factor.
    product[:, 1] = upper * high + (carried >> half) + (middle >> half) - (values < 0) * np.uint64(factor)
    return product.view(np.uint8).reshape(-1, 16)


def _decimal_array(unscaled: npt.NDArray[np.uint8], arrow: pa.DataType) -> pa.Array:
    """Return little-endian integers as decimals of a type at least as wide."""
    count, width = unscaled.shape
    wanted = arrow.bit_width // 8
    if width < wanted:
        wide = np.empty((count, wanted), np.uint8)
        wide[:, :width] = unscaled
        wide[:, width:] = np.where(unscaled[:, -1:] & 0x80, np.uint8(0xFF), np.uint8(0))
        unscaled = wide
    return pa.Array.from_buffers(arrow, count, [None, pa.py_buffer(np.ascontiguousarray(unscaled))])


def _in_order(
    pieces: list[pa.Array], places: list[Int64Array], present: npt.NDArray[np.bool_], arrow: pa.DataType
) -> pa.Array:
    """Put values of several scales, and the nulls between them, at their rows."""
    rows = len(present)
    if not pieces:
        return pa.nulls(rows, arrow)
    if len(pieces) == 1 and len(pieces[0]) == rows:
        return pieces[0]
    origin = np.zeros(rows, np.int64)
    at = np.concatenate(places)
    origin[at] = np.arange(len(at))
    return pa.concat_arrays(pieces).take(pa.array(origin, mask=~present))


def _short(value: decimal.Decimal) -> str:
    text = f"{value:E}" if abs(value.adjusted()) > 60 else f"{value}"
    return text if len(text) <= 60 else text[:57] + "..."
