"""The compiled kernels: kernels.c behind ctypes, which runs them without the GIL."""

from __future__ import annotations

import ctypes
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hzdata.core.protocol.framing import FrameWalker, FramingError, Message

from . import Piece

__all__ = ["LIBRARY", "Compiled"]

LIBRARY = Path(__file__).with_name("_kernels.so")
SOURCE = LIBRARY.with_name("kernels.c")

_FAULT = -2
_MORE_ROOM = 2
_HAS_DATE, _HAS_TIME, _HAS_OFFSET, _IS_BIG = 1, 2, 4, 8

# How each function is called: a pointer, an int64, or a uint32.
_SIGNATURES = {
    "hz_source": "",
    "hz_walk": "pipip",
    "hz_list_end": "ppiip",
    "hz_all_equal": "pipii",
    "hz_gather": "pipiip",
    "hz_gather_ragged": "pippip",
    "hz_groups": "piiiipp",
    "hz_compact": "pipiiipp",
    "hz_epoch": "piipp",
    "hz_calendar": "piiip",
    "hz_murmur3": "ppiup",
    "hz_join": "ippppppip",
}
_TYPES = {"p": ctypes.c_void_p, "i": ctypes.c_int64, "u": ctypes.c_uint32}

Bytes = npt.NDArray[np.uint8]
Int64Array = npt.NDArray[np.int64]


class Compiled:
    """See `hzdata.frames.kernels.Kernels`.

    Raises
    ------
    OSError
        When there is no library, or it is not one for this machine, or not one of the source beside it.
    """

    name = "compiled"

    def __init__(self) -> None:
        library = ctypes.CDLL(str(LIBRARY))
        self._functions: dict[str, Callable[..., int]] = {}
        for name, signature in _SIGNATURES.items():
            function = getattr(library, name, None)
            if function is None:
                raise OSError(f"{LIBRARY} has no {name}: it was compiled from another source")
            function.argtypes = [_TYPES[letter] for letter in signature]
            function.restype = ctypes.c_int64
            self._functions[name] = function
        if self.call("hz_source") != zlib.crc32(SOURCE.read_bytes()):
            raise OSError(f"{LIBRARY} was compiled from another source")

    def walker(self) -> FrameWalker:
        return _Walker(self)

    def call(self, name: str, *arguments: int | npt.NDArray[Any]) -> int:
        """Call a function; arrays must be contiguous."""
        return self._functions[name](*(a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments))

    def _checked(self, name: str, *arguments: int | npt.NDArray[Any]) -> int:
        result = self.call(name, *arguments)
        if result <= _FAULT:
            raise ValueError(f"row {_FAULT - result} lies outside of the bytes that were received")
        return result

    def all_equal(self, content: Bytes, at: Int64Array, width: int) -> bool:
        return bool(self._checked("hz_all_equal", content, len(content), _packed(at), len(at), width))

    def gather(self, content: Bytes, at: Int64Array, dtype: Any) -> npt.NDArray[Any]:
        out = np.empty(len(at), dtype)
        self._checked("hz_gather", content, len(content), _packed(at), len(at), out.itemsize, out)
        return out

    def gather_ragged(self, content: Bytes, at: Int64Array, ends: Int64Array) -> Bytes:
        out = np.empty(int(ends[-1]), np.uint8)
        self._checked("hz_gather_ragged", content, len(content), _packed(at), _packed(ends), len(at), out)
        return out

    def groups(self, content: Bytes, at: int, rows: int, dtype: Any) -> tuple[npt.NDArray[Any], Bytes]:
        items, validity = np.empty(rows, dtype), np.empty((rows + 7) // 8, np.uint8)
        there = self._checked("hz_groups", content, len(content), at, rows, items.itemsize, items, validity)
        return items[:there], validity

    def compact(self, content: Bytes, at: Int64Array, big_endian: bool, fields: int) -> tuple[Int64Array, Int64Array]:
        body, places = np.empty(len(at), np.int64), np.empty((fields, len(at)), np.int64)
        self._checked("hz_compact", content, len(content), _packed(at), len(at), int(big_endian), fields, body, places)
        return body, places

    def epoch(self, items: npt.NDArray[Any]) -> tuple[Int64Array, npt.NDArray[np.int32]]:
        whole = np.empty(len(items), np.int64)
        parts = _parts(items.dtype)
        nanos = np.empty(len(items) if parts & _HAS_TIME else 0, np.int32)
        self.call("hz_epoch", _packed(items), len(items), parts, whole, nanos)
        return whole, nanos

    def calendar(self, values: Int64Array, per_second: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        items = np.empty(len(values), dtype)
        self.call("hz_calendar", _packed(values), len(values), per_second, _parts(dtype), items)
        return items

    def murmur3(self, content: Bytes, offsets: npt.NDArray[np.int32], seed: int) -> npt.NDArray[np.uint32]:
        hashes = np.empty(len(offsets) - 1, np.uint32)
        self.call("hz_murmur3", content, _packed(offsets), len(hashes), seed, hashes)
        return hashes

    def join(self, pieces: Sequence[Piece], order: Int64Array, ends: Int64Array) -> Bytes:
        data = [_packed(piece.data) for piece in pieces]
        offsets = [None if piece.offsets is None else _packed(piece.offsets) for piece in pieces]
        there = [None if piece.there is None else _packed(piece.there) for piece in pieces]
        widths = np.array([array.itemsize for array in data], np.int64)
        strides = np.array([0 if len(array) == 1 else array.itemsize for array in data], np.int64)
        places = np.empty(len(order), np.int64)
        places[order] = ends[:-1]
        out = np.empty(int(ends[-1]), np.uint8)
        arrays = (_pointers(data), widths, strides, _pointers(offsets), _pointers(there))
        self.call("hz_join", len(pieces), *arrays, places, len(places), out)
        return out


class _Walker(FrameWalker):
    """Finds frames; `frames` is an array with room for more."""

    __slots__ = ("_kernels", "_state")

    def __init__(self, kernels: Compiled) -> None:
        super().__init__()
        self._kernels = kernels
        self.frames: Any = np.empty(1024, np.int64)
        self._state = np.zeros(2, np.int64)

    def walk(self, buffer: bytes | bytearray, stop: int) -> bool:
        content = np.frombuffer(buffer, np.uint8)
        while True:
            result = self._kernels.call("hz_walk", content, stop, self.frames, len(self.frames), self._state)
            if result != _MORE_ROOM:
                break
            self.frames = np.concatenate([self.frames, np.empty_like(self.frames)])
        self.position = int(self._state[0])
        if result == _FAULT:
            raise FramingError(f"no frame at byte {self.position} of a message")
        self.done = result == 1
        return self.done

    def message(self, buffer: bytes | bytearray) -> Message:
        count = int(self._state[1])
        if count == len(self.frames):
            self.frames = np.append(self.frames, 0)
        self.frames[count] = self.position
        return _Walked(self._kernels, buffer, self.frames[: count + 1])


class _Walked(Message):
    """A message whose frames are an array."""

    __slots__ = ("_kernels",)

    def __init__(self, kernels: Compiled, buffer: bytes | bytearray, frames: Any) -> None:
        super().__init__(buffer, (frames, []))
        self._kernels = kernels

    def list_end(self, first: int) -> tuple[int, int]:
        frames: Any = self.frames
        items = np.zeros(1, np.int64)
        content = np.frombuffer(self.buffer, np.uint8)
        end = self._kernels.call("hz_list_end", content, frames, len(frames) - 1, first, items)
        if end == _FAULT:
            raise ValueError(f"the list in frame {first} of a message has no end")
        return end, int(items[0])


def _packed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.require(array, requirements=["C", "A"])


def _pointers(arrays: Sequence[npt.NDArray[Any] | None]) -> npt.NDArray[Any]:
    return np.array([0 if array is None else array.ctypes.data for array in arrays], np.uintp)


def _parts(dtype: np.dtype[Any]) -> int:
    """Which parts packed items have, and their byte order."""
    names = dtype.names or ()
    flags = {"year": _HAS_DATE, "hour": _HAS_TIME, "offset": _HAS_OFFSET}
    parts = sum(flag for name, flag in flags.items() if name in names)
    return parts | (_IS_BIG if dtype["year" if "year" in names else "nano"].byteorder == ">" else 0)
