"""``hzdata load`` and ``hzdata export``: rows from files and to files, and what is left when something is wrong."""

from __future__ import annotations

import datetime
import gzip
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, feather, ipc, parquet

from hzdata.local import LocalCluster
from hzdata.session import Client

from .test_cli import complaint, run, to

DAY = datetime.date(2026, 3, 1)
NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)

KINDS = pa.table(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "small": pa.array([7, None, -7], pa.int8()),
        "price": pa.array([Decimal("1.25"), None, Decimal("-0.50")], pa.decimal128(12, 2)),
        "city": pa.array(["Lima", None, ""]),
        "text": pa.array(["two\nlines", 'a "quote"', "NA"]),
        "at": pa.array([NOON, None, NOON], pa.timestamp("us", "UTC")),
        "local": pa.array([None, NOON.replace(tzinfo=None), None], pa.timestamp("ms")),
        "day": pa.array([DAY, None, DAY]),
        "ok": pa.array([True, None, False]),
        "ratio": pa.array([0.1, None, -1e300]),
        "marks": pa.array([[1, None], None, []], pa.list_(pa.int32())),
    }
)
FLAT = KINDS.drop_columns(["marks"])

WRITERS: dict[str, Callable[[pa.Table, str], object]] = {
    "parquet": parquet.write_table,
    "feather": feather.write_feather,
    "arrow": lambda table, file: ipc.new_file(file, table.schema).write(table),
    "csv": csv.write_csv,
    "csv.gz": lambda table, file: csv.write_csv(table, pa.output_stream(file, compression="gzip")),
}
READERS: dict[str, Callable[[str], pa.Table]] = {
    "parquet": parquet.read_table,
    "feather": feather.read_table,
    "arrow": lambda file: ipc.open_file(file).read_all(),
    "arrows": lambda file: ipc.open_stream(file).read_all(),
}


@pytest.fixture
def name(client: Client, unique_name: str) -> Iterator[str]:
    """The name of a map that is gone after the test."""
    yield unique_name
    client.sql.execute(f"DROP MAPPING IF EXISTS {unique_name}").result()
    client.get_map(unique_name).destroy()


def test_all_kinds_of_columns_come_back_from_a_map(cluster: LocalCluster, name: str, tmp_path: Path) -> None:
    there, back = tmp_path / f"{name}.parquet", tmp_path / "back.parquet"
    parquet.write_table(KINDS, there)
    loaded = run("load", str(there), "--key", "id", *to(cluster))
    assert loaded.returncode == 0, loaded.stderr
    assert b"rows placed         3\n" in loaded.stderr
    assert loaded.stdout == b""
    exported = run("export", name, str(back), *to(cluster))
    assert exported.returncode == 0, exported.stderr
    assert parquet.read_table(back).sort_by("id").cast(KINDS.schema) == KINDS


@pytest.mark.parametrize("ending", READERS)
def test_a_query_is_written_in_the_format_of_the_ending(cluster: LocalCluster, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"rows.{ending}"
    done = run("export", "SELECT * FROM TABLE(generate_series(1, 3))", str(file), *to(cluster))
    assert done.returncode == 0, done.stderr
    assert READERS[ending](str(file)).to_pylist() == [{"v": 1}, {"v": 2}, {"v": 3}]
    assert f"{file}: 3 rows" in done.stderr.decode()


def test_a_file_that_exists_is_replaced_only_when_asked_for(cluster: LocalCluster, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv.gz"
    file.write_text("mine")
    export = ["export", "SELECT 1 AS number_one", str(file), *to(cluster)]
    assert "--overwrite" in complaint(run(*export))
    assert file.read_text() == "mine"
    assert run(*export, "--overwrite").returncode == 0
    assert gzip.decompress(file.read_bytes()) == b'"number_one"\n1\n'
    assert list(tmp_path.iterdir()) == [file]
