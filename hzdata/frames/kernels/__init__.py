"""The inner loops over received and sent bytes, compiled where they can be, in NumPy everywhere.

`active` is what runs: `compiled`, a shared library of one C file behind ctypes, when there is one for this machine,
else `twins`, the same functions in NumPy. The environment variable ``HZDATA_KERNELS`` chooses: ``numpy``, or
``compiled``, which then is an error when the library does not load. ``python -m hzdata.frames.kernels.build`` compiles
it in place.

The functions and their contracts are those of `Kernels`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from hzdata.core.protocol.framing import FrameWalker

__all__ = ["Kernels", "Piece", "active", "choose", "offset_width"]

Bytes = npt.NDArray[np.uint8]
Int64Array = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Piece(NamedTuple):
    """What a row of bytes has at one place: a piece of one width in all rows, or of one that differs.

    Attributes
    ----------
    data : ndarray
        With `offsets`, the bytes of all rows. Without, an item a row, or one item that all rows share.
    offsets : ndarray of int32, shape (rows + 1,), optional
        Where in `data` the bytes of each row begin and end.
    there : ndarray of bool, shape (rows,), optional
        Which rows have the piece. None: all.
    """

    data: npt.NDArray[Any]
    offsets: npt.NDArray[np.int32] | None = None
    there: Flags | None = None


class Kernels(Protocol):
    """The functions, by name. Places outside of the bytes are a ``ValueError``: the peer sent what is not valid."""

    name: str

    def walker(self) -> FrameWalker:
        """Return what finds the frames of one message."""

    def all_equal(self, content: Bytes, at: Int64Array, width: int) -> bool:
        """Return whether the same `width` bytes are at all places."""

    def gather(self, content: Bytes, at: Int64Array, dtype: Any) -> npt.NDArray[Any]:
        """Return the item of a dtype that begins at each place."""

    def gather_ragged(self, content: Bytes, at: Int64Array, ends: Int64Array) -> Bytes:
        """Return the bytes from each place, ``ends[i + 1] - ends[i]`` of them, one after the other."""

    def groups(self, content: Bytes, at: int, rows: int, dtype: Any) -> tuple[npt.NDArray[Any], Bytes]:
        """Read a nullable column of a SQL page: groups of up to eight items, each behind a byte of flags.

        Returns
        -------
        items
            Those that are there.
        validity
            The flags: bit i says that the item of row i is there.
        """

    def compact(self, content: Bytes, at: Int64Array, big_endian: bool, fields: int) -> tuple[Int64Array, Int64Array]:
        """Find the fields of Compact values of one schema, whose schema ids are at the places.

        Returns
        -------
        body : shape (rows,)
            Where the fields of fixed size begin.
        places : shape (fields, rows)
            Where each field of variable size begins, in the order of their offsets; -1 for null.
        """

    def epoch(self, items: npt.NDArray[Any]) -> tuple[Int64Array, npt.NDArray[np.int32]]:
        """Count days since 1970-01-01 of packed dates, seconds since midnight of times, UTC seconds of timestamps.

        Parameters
        ----------
        items
            Structured, with `year`, `month`, `day`; `hour`, `minute`, `second`, `nano`; `offset`: as many as there are.

        Returns
        -------
        whole
            Days, or seconds.
        nanos
            What is left of each second. Of dates: of no meaning.
        """

    def calendar(self, values: Int64Array, per_second: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """Do what `epoch` undoes: days, or units of which a second has so many, as big-endian items; offsets are 0."""

    def murmur3(self, content: Bytes, offsets: npt.NDArray[np.int32], seed: int) -> npt.NDArray[np.uint32]:
        """Return MurmurHash3 (x86, 32 bits) of the bytes between each two offsets."""

    def join(self, pieces: Sequence[Piece], order: Int64Array, ends: Int64Array) -> Bytes:
        """Return the bytes of all rows, each its pieces one after the other; row ``order[i]`` begins at ``ends[i]``."""


def offset_width(data_length: npt.ArrayLike) -> Int64Array:
    """Return how many bytes an offset takes in a Compact value beside data of that length: 1, 2 or 4."""
    length = np.asarray(data_length)
    return np.where(length < 0xFF, 1, np.where(length < 0xFFFF, 2, 4))


def choose(name: str | None = None) -> Kernels:
    """Return the kernels of a name: ``numpy``, ``compiled``, or None for the best there is.

    Raises
    ------
    ImportError
        When the compiled ones are asked for and are not there.
    """
    from .twins import Twins

    if name not in (None, "numpy", "compiled"):
        raise ImportError(f"HZDATA_KERNELS={name!r}: it is 'numpy' or 'compiled', or is not set")
    if name != "numpy":
        from .compiled import LIBRARY, Compiled

        try:
            return Compiled()
        except OSError as error:
            if name == "compiled":
                raise ImportError(
                    f"the compiled kernels do not load ({error}): `python -m hzdata.frames.kernels.build` compiles them"
                ) from error
            if LIBRARY.exists():
                warnings.warn(f"NumPy does the work of the compiled kernels: {error}", RuntimeWarning, stacklevel=2)
    return Twins()


active: Kernels = choose(os.environ.get("HZDATA_KERNELS") or None)
