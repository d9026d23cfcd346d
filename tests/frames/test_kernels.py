"""The kernels, compiled and in NumPy, do what plain Python does."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import struct
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from hzdata.core.protocol.framing import (
    BEGIN_DATA_STRUCTURE,
    END_DATA_STRUCTURE,
    FINAL,
    FRAME_HEADER,
    NULL,
    UNFRAGMENTED,
    FramingError,
)
from hzdata.core.serialization.hashing import murmur3
from hzdata.frames.columns.keys import MURMUR_SEED
from hzdata.frames.kernels import Kernels, Piece, choose

ITEM_TYPES = st.sampled_from(["u1", "<i2", ">i4", "<f8", "V6", "V7", "V13", "V17", "V5"])


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return choose(request.param)


def content_of(data: bytes) -> Any:
    return np.frombuffer(data, np.uint8)


def places_of(*at: int) -> Any:
    return np.array(at, np.int64)


def frame(payload: bytes, flags: int = 0) -> bytes:
    return FRAME_HEADER.pack(6 + len(payload), flags) + payload


def message(*frames: bytes) -> bytearray:
    return bytearray(b"".join([frame(bytes(16), UNFRAGMENTED), *frames, frame(b"", FINAL)]))


# --- Frames ---


@given(payloads=st.lists(st.binary(max_size=9), max_size=2000), data=st.data())
def test_frames_are_found_however_their_bytes_arrive(kernels: Kernels, payloads: list[bytes], data: Any) -> None:
    whole = message(*map(frame, payloads))
    cuts = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=5))
    walker = kernels.walker()
    for stop in sorted(cuts):
        assert not walker.walk(whole[:stop], stop)
    assert walker.walk(whole + b"more", len(whole) + 4)
    assert walker.position == len(whole)
    frames = walker.message(whole).frames
    assert [bytes(whole[a + 6 : b]) for a, b in itertools.pairwise(frames[1:-1])] == payloads


def test_what_is_no_frame_is_told(kernels: Kernels) -> None:
    with pytest.raises(FramingError, match="byte 22"):
        kernels.walker().walk(message(struct.pack("<iH", 5, 0)), 1000)


ITEM = st.sampled_from(
    [
        frame(b"text"),
        frame(b"", NULL),
        frame(b"", BEGIN_DATA_STRUCTURE) + frame(b"json") + frame(b"", END_DATA_STRUCTURE),
        frame(b"", BEGIN_DATA_STRUCTURE) * 2 + frame(b"", END_DATA_STRUCTURE) * 2,
    ]
)


@given(items=st.lists(ITEM, max_size=20), before=st.lists(ITEM, max_size=3))
def test_a_list_ends_where_it_ends(kernels: Kernels, items: list[bytes], before: list[bytes]) -> None:
    ahead = b"".join(before)
    whole = message(ahead, frame(b"", BEGIN_DATA_STRUCTURE), *items, frame(b"", END_DATA_STRUCTURE), frame(b"after"))
    walker = kernels.walker()
    walker.walk(whole, len(whole))
    found = walker.message(whole)
    first = list(found.frames).index(22 + len(ahead))
    end, count = found.list_end(first)
    assert count == len(items)
    assert found.frames[end] == 22 + len(ahead) + 6 + sum(map(len, items))


# --- Gathering ---


@given(data=st.binary(min_size=32, max_size=200), dtype=ITEM_TYPES, draw=st.data())
def test_items_are_gathered_from_their_places(kernels: Kernels, data: bytes, dtype: str, draw: Any) -> None:
    size = np.dtype(dtype).itemsize
    at = draw.draw(st.lists(st.integers(0, len(data) - size), max_size=20))
    found = kernels.gather(content_of(data), places_of(*at), np.dtype(dtype))
    assert found.dtype == np.dtype(dtype)
    assert found.tobytes() == b"".join(data[i : i + size] for i in at)


@given(data=st.binary(max_size=200), draw=st.data())
def test_bytes_of_any_length_are_gathered(kernels: Kernels, data: bytes, draw: Any) -> None:
    spans = draw.draw(st.lists(st.tuples(st.integers(0, len(data)), st.integers(0, len(data))).map(sorted), max_size=9))
    ends = np.cumsum([0, *(stop - start for start, stop in spans)])
    found = kernels.gather_ragged(content_of(data), places_of(*(start for start, _ in spans)), ends)
    assert found.tobytes() == b"".join(data[start:stop] for start, stop in spans)


@pytest.mark.parametrize("at", [-1, 7, 2**40])
def test_places_outside_of_the_bytes_are_an_error(kernels: Kernels, at: int) -> None:
    content = content_of(bytes(10))
    with pytest.raises(ValueError, match="row 1 lies outside"):
        kernels.gather(content, places_of(2, at), np.dtype("<i4"))
    with pytest.raises(ValueError, match="row 1 lies outside"):
        kernels.gather_ragged(content, places_of(2, at), places_of(0, 4, 8))
    with pytest.raises(ValueError, match="row 1 lies outside"):
        kernels.all_equal(content, places_of(2, at), 4)


def test_equal_bytes_are_told_from_others(kernels: Kernels) -> None:
    content = content_of(b"abcdabceabcd")
    assert kernels.all_equal(content, places_of(0, 8), 4)
    assert not kernels.all_equal(content, places_of(0, 4), 4)
    assert kernels.all_equal(content, places_of(0, 4, 8), 3)
    assert kernels.all_equal(content, places_of(), 8)


@given(values=st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), max_size=40), at=st.integers(0, 3))
def test_null_groups_become_items_and_validity(kernels: Kernels, values: list[int | None], at: int) -> None:
    data = bytes(at)
    for start in range(0, len(values), 8):
        group = values[start : start + 8]
        data += bytes([sum((value is not None) << i for i, value in enumerate(group))])
        data += b"".join(struct.pack("<i", value) for value in group if value is not None)
    items, validity = kernels.groups(content_of(data + b"tail"), at, len(values), np.dtype("<i4"))
    assert items.tolist() == [value for value in values if value is not None]
    assert np.unpackbits(validity, count=len(values), bitorder="little").tolist() == [v is not None for v in values]
    if values and (len(values) % 8 or values[-1] is not None):
        with pytest.raises(ValueError, match="lies outside"):
            kernels.groups(content_of(data[:-1]), at, len(values), np.dtype("<i4"))


# --- Compact ---


@given(
    sizes=st.lists(st.lists(st.none() | st.integers(0, 400), min_size=3, max_size=3), max_size=12),
    big_endian=st.booleans(),
    huge=st.booleans(),
)
def test_fields_of_compact_values_are_found(
    kernels: Kernels, sizes: list[list[int | None]], big_endian: bool, huge: bool
) -> None:
    order = ">" if big_endian else "<"
    data, at, body, places = b"", [], [], []
    for row in sizes:
        at.append(len(data))
        body.append(len(data) + 12)
        offsets, length = [], 70_000 if huge and len(at) % 2 else 0
        for size in row:
            offsets.append(-1 if size is None else length)
            length += size or 0
        code, null = ("B", 0xFF) if length < 255 else ("H", 0xFFFF) if length < 65_535 else ("i", -1)
        table = struct.pack(f"{order}3{code}", *(null if offset < 0 else offset for offset in offsets))
        data += bytes(8) + struct.pack(order + "i", length) + bytes(length) + table
        places.append([-1 if offset < 0 else body[-1] + offset for offset in offsets])
    found_body, found = kernels.compact(content_of(data), places_of(*at), big_endian, 3)
    assert found_body.tolist() == body
    assert found.T.tolist() == places
    if data:
        with pytest.raises(ValueError, match=f"row {len(at) - 1} lies outside"):
            kernels.compact(content_of(data[:-1]), places_of(*at), big_endian, 3)


def test_compact_values_of_fixed_size_have_no_table(kernels: Kernels) -> None:
    body, places = kernels.compact(content_of(bytes(40)), places_of(0, 20), True, 0)
    assert body.tolist() == [8, 28]
    assert places.shape == (0, 2)


# --- Calendar ---

DATE, TIME = [("year", "{}i4"), ("month", "u1"), ("day", "u1")], [
    ("hour", "u1"), ("minute", "u1"), ("second", "u1"), ("nano", "{}i4"),
]  # fmt: skip
OFFSET = [("offset", "{}i4")]


def packed(fields: list[tuple[str, str]], order: str) -> np.dtype[Any]:
    return np.dtype([(name, code.format(order)) for name, code in fields])


@given(moments=st.lists(st.datetimes(), max_size=20), order=st.sampled_from("<>"), offset=st.integers(-64800, 64800))
def test_moments_are_counted_from_1970(kernels: Kernels, moments: list[dt.datetime], order: str, offset: int) -> None:
    rows = [(m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond * 1000, offset) for m in moments]
    seconds = [(m - dt.datetime(1970, 1, 1)) // dt.timedelta(seconds=1) for m in moments]
    for fields, columns, expected in (
        (DATE, slice(3), [second // 86_400 for second in seconds]),
        (TIME, slice(3, 7), [second % 86_400 for second in seconds]),
        (DATE + TIME, slice(7), seconds),
        (DATE + TIME + OFFSET, slice(8), [second - offset for second in seconds]),
    ):
        items = np.array([row[columns] for row in rows], packed(fields, order))
        whole, nanos = kernels.epoch(items)
        assert whole.tolist() == expected
        if fields is not DATE:
            assert nanos.tolist() == [m.microsecond * 1000 for m in moments]


@given(
    values=st.lists(st.integers(-(2**62), 2**62), max_size=20),
    per_second=st.sampled_from([1_000, 1_000_000, 1_000_000_000]),
)
def test_the_calendar_is_what_epoch_undoes(kernels: Kernels, values: list[int], per_second: int) -> None:
    if per_second == 1_000:  # whose years need more than 32 bits otherwise
        values = [value % (2**56) for value in values]
    items = kernels.calendar(places_of(*values), per_second, packed(DATE + TIME + OFFSET, ">"))
    seconds, nanos = kernels.epoch(items)
    parts = 10**9 // per_second
    assert [s * per_second + n // parts for s, n in zip(seconds.tolist(), nanos.tolist(), strict=True)] == values
    assert set(items["offset"].tolist()) <= {0}


def test_days_far_away_and_years_before_1(kernels: Kernels) -> None:
    days = places_of(-719_529, -719_528, -719_468, 0, 11_016, 2_932_896, 2**31 - 1, -(2**31))
    items = kernels.calendar(days, 1, packed(DATE, ">"))
    assert items[:6].tolist() == [
        (-1, 12, 31), (0, 1, 1), (0, 3, 1), (1970, 1, 1), (2000, 2, 29), (9999, 12, 31),
    ]  # fmt: skip
    assert kernels.epoch(items)[0].tolist() == days.tolist()


# --- Writing ---


@given(keys=st.lists(st.binary(max_size=40), max_size=20))
def test_hashes_are_those_of_the_client(kernels: Kernels, keys: list[bytes]) -> None:
    offsets = np.cumsum([0, *map(len, keys)]).astype(np.int32)
    found = kernels.murmur3(content_of(b"".join(keys)), offsets, MURMUR_SEED).view(np.int32)
    assert found.tolist() == [murmur3(key) for key in keys]


ROW = st.tuples(st.integers(0, 2**31 - 1), st.binary(max_size=50), st.none() | st.integers(0, 255))


@given(rows=st.lists(ROW, min_size=1), draw=st.data())
def test_rows_are_laid_out_in_any_order(kernels: Kernels, rows: list[tuple[int, bytes, int | None]], draw: Any) -> None:
    order = draw.draw(st.permutations(range(len(rows))))
    numbers, texts, flags = zip(*rows, strict=True)
    offsets = np.cumsum([3, *map(len, texts)]).astype(np.int32)
    pieces = [
        Piece(np.frombuffer(b"head", "V4")),
        Piece(np.array(numbers, ">i4")),
        Piece(content_of(b"any" + b"".join(texts)), offsets),
        Piece(np.frombuffer(b"|", "V1")),
        Piece(np.array([flag or 0 for flag in flags], np.uint8), None, np.array([f is not None for f in flags])),
        Piece(content_of(b"any" + b"".join(texts)), offsets, np.array([f is not None for f in flags])),
    ]
    expected = [
        b"head" + struct.pack(">i", number) + text + b"|" + (b"" if flag is None else bytes([flag]) + text)
        for number, text, flag in (rows[i] for i in order)
    ]
    bounds = np.cumsum([0, *map(len, expected)])
    assert kernels.join(pieces, places_of(*order), bounds).tobytes() == b"".join(expected)


# --- Which of them run ---


def run(name: str) -> subprocess.CompletedProcess[str]:
    code = "from hzdata.frames import kernels; print(kernels.active.name)"
    environment = os.environ | {"HZDATA_KERNELS": name}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["compiled", "numpy"])
def test_the_environment_chooses(name: str) -> None:
    assert run(name).stdout.strip() == name


def test_another_name_is_refused() -> None:
    assert "HZDATA_KERNELS='cython': it is 'numpy' or 'compiled'" in run("cython").stderr


def test_without_a_library_numpy_runs_and_who_wants_the_compiled_ones_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("hzdata.frames.kernels.compiled.LIBRARY", tmp_path / "_kernels.so")
    assert choose().name == "numpy"
    with pytest.raises(ImportError, match=r"python -m hzdata\.frames\.kernels\.build"):
        choose("compiled")
    (tmp_path / "_kernels.so").write_bytes(b"of another machine")
    with pytest.warns(RuntimeWarning, match="NumPy does the work"):
        assert choose().name == "numpy"


def test_show_versions_says_which(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import hzdata

    for name, said in (("compiled", "compiled\n"), ("numpy", "NumPy (`python -m hzdata.frames.kernels.build`")):
        monkeypatch.setattr("hzdata.frames.kernels.active", choose(name))
        hzdata.show_versions()
        line = next(line for line in capsys.readouterr().out.splitlines(True) if line.startswith("kernels"))
        assert said in line


def test_a_library_of_another_source_is_not_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    newer = tmp_path / "kernels.c"
    newer.write_text("/* as it may be after a pull */")
    monkeypatch.setattr("hzdata.frames.kernels.compiled.SOURCE", newer)
    with pytest.raises(ImportError, match=r"compiled from another source.*python -m hzdata.frames.kernels.build"):
        choose("compiled")
    with pytest.warns(RuntimeWarning, match="NumPy does the work of the compiled kernels"):
        assert choose().name == "numpy"
