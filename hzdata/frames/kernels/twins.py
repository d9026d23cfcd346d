"""The kernels in NumPy, for machines without the compiled ones; where the bytes force it, a step a frame or group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hzdata.core.protocol.framing import FrameWalker

from . import Piece, offset_width

__all__ = ["Twins"]

Bytes = npt.NDArray[np.uint8]
Int64Array = npt.NDArray[np.int64]

# How far it is from one group of a nullable column to the next, by item size and flags.
_STEPS: dict[int, list[int]] = {
    size: [1 + size * mask.bit_count() for mask in range(256)] for size in (1, 2, 4, 6, 7, 8, 13, 17)
}

# Days before each month (index 1 … 12) of a year that begins in March, so that the leap day is its last.
_DAYS_BEFORE_MONTH = np.array([0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275], np.int64)
# From 0000-03-01, the first day of such a year 0, to 1970-01-01.
_DAYS_TO_EPOCH = 719_468
_SECONDS_PER_DAY = 86_400


class Twins:
    """See `hzdata.frames.kernels.Kernels`."""

    name = "numpy"

    def walker(self) -> FrameWalker:
        return FrameWalker()

    def all_equal(self, content: Bytes, at: Int64Array, width: int) -> bool:
        found = self.gather(content, at, np.dtype((np.void, width)))
        return bool((found == found[:1]).all())

    def gather(self, content: Bytes, at: Int64Array, dtype: Any) -> npt.NDArray[Any]:
        size = np.dtype(dtype).itemsize
        _check(at, size, content)
        values: npt.NDArray[Any] = content[at[:, None] + np.arange(size)].view(dtype).ravel()
        return values

    def gather_ragged(self, content: Bytes, at: Int64Array, ends: Int64Array) -> Bytes:
        sizes = np.diff(ends)
        _check(np.where(sizes > 0, at, 0), sizes, content)
        index = np.arange(ends[-1])
        index += np.repeat(at - ends[:-1], sizes)
        gathered: Bytes = content[index]
        return gathered

    def groups(self, content: Bytes, at: int, rows: int, dtype: Any) -> tuple[npt.NDArray[Any], Bytes]:
        # Where a group begins depends on the flags of all groups before it, hence a step a group.
        steps = _STEPS[np.dtype(dtype).itemsize]
        buffer = content.data
        begins = []
        position = at
        for group in range((rows + 7) // 8):
            if position >= len(buffer):
                raise _outside(group * 8)
            begins.append(position)
            position += steps[buffer[position]]
        if position > len(buffer):
            raise _outside(rows - 1)
        places = np.array(begins, np.int64) - at
        region = content[at:position]
        return np.delete(region, places).view(dtype), region[places]

    def compact(self, content: Bytes, at: Int64Array, big_endian: bool, fields: int) -> tuple[Int64Array, Int64Array]:
        order = ">" if big_endian else "<"
        body = at + 8
        places = np.full((fields, len(at)), -1, np.int64)
        if not fields:
            return body, places
        length = self.gather(content, body, order + "i4").astype(np.int64)
        body += 4
        width = offset_width(length)
        _check(np.where(length < 0, -1, body), length + width * fields, content)
        for size in (1, 2, 4):
            chosen = width == size
            if not chosen.any():
                continue
            start = body[chosen]
            table = (start + length[chosen]) + np.arange(fields)[:, None] * size
            offsets = self.gather(content, table.ravel(), f"{order}i{size}").reshape(table.shape)
            # All ones is null; below four bytes the others are unsigned.
            unsigned = offsets if size == 4 else offsets.view(f"{order}u{size}")
            found = unsigned.astype(np.int64)
            beyond = (found > length[chosen]) & (offsets != -1)
            if beyond.any():
                raise _outside(int(np.flatnonzero(chosen)[np.flatnonzero(beyond.any(axis=0))[0]]))
            places[:, chosen] = np.where(offsets == -1, np.int64(-1), start + found)
        return body, places

    def epoch(self, items: npt.NDArray[Any]) -> tuple[Int64Array, npt.NDArray[np.int32]]:
        names = items.dtype.names or ()
        whole = _days(items) if "year" in names else np.zeros(len(items), np.int64)
        if "hour" not in names:
            return whole, np.empty(0, np.int32)
        whole *= _SECONDS_PER_DAY
        seconds = items["hour"].astype(np.int64)
        seconds *= 60
        seconds += items["minute"]
        seconds *= 60
        seconds += items["second"]
        whole += seconds
        if "offset" in names:
            whole -= items["offset"]
        return whole, items["nano"].astype(np.int32)

    def calendar(self, values: Int64Array, per_second: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        items = np.zeros(len(values), dtype)
        names = dtype.names or ()
        days, rest = np.divmod(values, _SECONDS_PER_DAY * per_second) if "hour" in names else (values, values)
        if "year" in names:
            low, high = (int(days.min()), int(days.max())) if len(days) else (0, 0)
            if high - low < len(days):
                # Fewer different days than rows, as in most columns: each is computed once.
                each = _civil(np.arange(low, high + 1))
                items["year"], items["month"], items["day"] = (part[days - low] for part in each)
            else:
                items["year"], items["month"], items["day"] = _civil(days)
        if "hour" in names:
            seconds, fraction = np.divmod(rest, per_second)
            minutes, items["second"] = np.divmod(seconds.astype(np.int32), 60)
            items["hour"], items["minute"] = np.divmod(minutes, 60)
            items["nano"] = fraction * (10**9 // per_second)
        return items

    def murmur3(self, content: Bytes, offsets: npt.NDArray[np.int32], seed: int) -> npt.NDArray[np.uint32]:
        lengths = np.diff(offsets).astype(np.int64)
        if not len(lengths):
            return np.empty(0, np.uint32)
        longest = int(lengths.max())
        if longest == lengths.min():
            first = int(offsets[0])
            matrix = content[first : first + longest * len(lengths)].reshape(len(lengths), longest)
            return _finish(_hash_matrix(matrix, seed), lengths)
        return _hash_ragged(content, offsets[:-1].astype(np.int64), lengths, seed)

    def join(self, pieces: Sequence[Piece], order: Int64Array, ends: Int64Array) -> Bytes:
        # Neighbours that all rows have, of one width, become one matrix; these and the others are joined by Arrow.
        arrays: list[pa.Array] = []
        run: list[npt.NDArray[Any]] = []
        rows = int(order.max()) + 1 if len(order) else 0
        for piece in pieces:
            if piece.offsets is None and piece.there is None:
                run.append(piece.data)
                continue
            if run:
                arrays.append(_matrix(run, rows))
                run = []
            arrays.append(_ragged(piece, rows))
        if run:
            arrays.append(_matrix(run, rows))
        nothing = pa.scalar(b"", pa.binary())
        joined = arrays[0]
        if len(arrays) > 1 or joined.null_count:
            joined = pc.binary_join_element_wise(*arrays, nothing, null_handling="replace", null_replacement=b"")
        data = joined.take(pa.array(order)).buffers()[2]
        return np.frombuffer(data or b"", np.uint8, int(ends[-1]))


def _check(at: Int64Array, sizes: int | Int64Array, content: Bytes) -> None:
    wrong = (at < 0) | (at + sizes > len(content))
    if wrong.any():
        raise _outside(int(np.flatnonzero(wrong)[0]))


def _outside(row: int) -> ValueError:
    return ValueError(f"row {row} lies outside of the bytes that were received")


def _days(items: npt.NDArray[Any]) -> Int64Array:
    month = items["month"]
    year = items["year"].astype(np.int64) - (month <= 2)
    days: Int64Array = year * 365 + year // 4 - year // 100 + year // 400
    days += _DAYS_BEFORE_MONTH[month]
    days += items["day"]
    days -= _DAYS_TO_EPOCH + 1
    return days


def _civil(days: Int64Array) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Year, month and day, in the proleptic Gregorian calendar, of days since 1970-01-01."""
    # Years that begin in March put the leap day last; 146097 days are 400 years.
    # See: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    era, day_of_era = np.divmod(days + _DAYS_TO_EPOCH, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    return year_of_era + era * 400 + (month >= 10), np.where(month < 10, month + 3, month - 9), day


def _matrix(columns: list[npt.NDArray[Any]], rows: int) -> pa.Array:
    """Items side by side, as an array of binaries that are all equally long."""
    width = sum(column.itemsize for column in columns)
    matrix = np.empty((rows, width), np.uint8)
    offset = 0
    for column in columns:
        cell = matrix[:, offset : offset + column.itemsize]
        cell.view(column.dtype)[:, 0] = column if len(column) == 1 else column[:rows]
        offset += column.itemsize
    return _binary(np.arange(0, (rows + 1) * width, width) if width else np.zeros(rows + 1), matrix, None, rows)


def _ragged(piece: Piece, rows: int) -> pa.Array:
    if piece.offsets is not None:
        return _binary(piece.offsets, piece.data, piece.there, rows)
    width = piece.data.itemsize
    return _binary(np.arange(0, (rows + 1) * width, width), piece.data, piece.there, rows)


def _binary(
    offsets: npt.NDArray[Any], data: npt.NDArray[Any], there: npt.NDArray[np.bool_] | None, rows: int
) -> pa.Array:
    flags = None if there is None else pa.py_buffer(np.packbits(there, bitorder="little"))
    buffers = [flags, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), rows, buffers)


def _hash_matrix(matrix: Bytes, seed: int) -> npt.NDArray[np.uint32]:
    count, length = matrix.shape
    hashes = np.full(count, seed, dtype=np.uint32)
    whole = length - length % 4
    for at in range(0, whole, 4):
        _mix_block(hashes, matrix[:, at : at + 4].view("<u4")[:, 0])
    if whole < length:
        tail = np.zeros(count, dtype=np.uint32)
        for shift, at in enumerate(range(whole, length)):
            tail |= matrix[:, at].astype(np.uint32) << np.uint32(8 * shift)
        hashes ^= _scramble(tail)
    return hashes


def _hash_ragged(data: Bytes, starts: Int64Array, lengths: Int64Array, seed: int) -> npt.NDArray[np.uint32]:
    # Longest first, so that the rows with a block to mix are always the first ones.
    longest = int(lengths.max())
    # NumPy sorts 16-bit numbers by radix, four times as fast.
    order = np.argsort((longest - lengths).astype(np.uint16 if longest < 1 << 16 else np.int64), kind="stable")
    starts, sizes = starts[order], lengths[order]
    padded = np.concatenate((data, np.zeros(4, np.uint8)))
    words: npt.NDArray[Any] = np.ndarray(len(padded) - 3, dtype="<u4", buffer=padded, strides=(1,))
    hashes = np.full(len(order), seed, dtype=np.uint32)
    blocks = sizes // 4
    for block in range(int(blocks[0])):
        active = len(order) - int(np.searchsorted(blocks[::-1], block, side="right"))
        _mix_block(hashes[:active], words[starts[:active] + 4 * block])
    tail_size = (sizes % 4).astype(np.uint32)
    tail = words[starts + 4 * blocks] & ((np.uint32(1) << (8 * tail_size)) - np.uint32(1))
    hashes ^= _scramble(tail)
    mixed = np.empty_like(hashes)
    mixed[order] = hashes
    return _finish(mixed, lengths)


def _mix_block(hashes: npt.NDArray[np.uint32], block: npt.NDArray[np.uint32]) -> None:
    hashes ^= _scramble(block)
    rotated = (hashes << np.uint32(13)) | (hashes >> np.uint32(19))
    np.multiply(rotated, np.uint32(5), out=hashes)
    hashes += np.uint32(0xE6546B64)


def _scramble(block: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    mixed = block * np.uint32(0xCC9E2D51)
    mixed = (mixed << np.uint32(15)) | (mixed >> np.uint32(17))
    return mixed * np.uint32(0x1B873593)


def _finish(hashes: npt.NDArray[np.uint32], lengths: Int64Array) -> npt.NDArray[np.uint32]:
    hashes = hashes ^ lengths.astype(np.uint32)
    hashes ^= hashes >> np.uint32(16)
    hashes *= np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    hashes *= np.uint32(0xC2B2AE35)
    hashes ^= hashes >> np.uint32(16)
    return hashes
