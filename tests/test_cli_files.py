"""``hzdata load`` and ``hzdata export``: rows from files and to files, and what is left when something is wrong."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest
from pyarrow import csv, feather, ipc, parquet

import hzdata
from hzdata.cli.files import CommandError, open_rows
from hzdata.local import LocalCluster
from hzdata.session import Client

from .test_cli import HZDATA, complaint, run, to
from .waiting import until

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
    "arrow": lambda table, file: feather.write_feather(table, file, compression="uncompressed"),
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
    assert run(*export, "--overwrite", "--format", "csv").returncode == 0
    assert gzip.decompress(file.read_bytes()) == b'"number_one"\n1\n'
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("ending", WRITERS)
def test_a_file_of_any_format_becomes_a_map(
    cluster: LocalCluster, client: Client, name: str, ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.{ending}"
    WRITERS[ending](FLAT, str(file))
    typed = ["--dtype", "small=int8", "--dtype", "price=decimal(12,2)"] if ending.startswith("csv") else []
    done = run("load", str(file), "--key", "id", *typed, *to(cluster))
    assert done.returncode == 0, done.stderr
    rows = client.scan_map(name, FLAT.column_names, key=False).read_all()
    assert rows.sort_by("id").cast(FLAT.schema) == FLAT


def test_decimals_are_written_with_the_digits_asked_for(
    cluster: LocalCluster, client: Client, name: str, tmp_path: Path
) -> None:
    there, back = tmp_path / "there.parquet", tmp_path / "back.parquet"
    table = pa.table({"id": [1], "d": pa.array([Decimal("9" * 22)], pa.decimal128(38, 0))})
    client.to_hz_map(table, name, key="id")
    assert "pass --decimals d=PRECISION,SCALE with more room" in complaint(
        run("export", name, str(there), *to(cluster))
    )
    done = run("export", name, str(back), "--decimals", "d=38,0", *to(cluster))
    assert done.returncode == 0, done.stderr
    assert parquet.read_table(back) == table


def test_decimals_of_a_csv_file_need_no_more_digits_than_their_values(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,d\n1,4.790000000000000000\n2,-12345678.9\n3,\n")
    with open_rows(file, types={"d": pa.decimal128(10, 2)}) as rows:
        found = rows.read_all()["d"]
    assert found.type == pa.decimal128(10, 2)
    assert found.to_pylist() == [Decimal("4.79"), Decimal("-12345678.90"), None]
    for text, kind in ("4.791", (10, 2)), ("123456789", (10, 2)), ("1" * 40, (38, 2)), ("0.123", (38, 2)):
        file.write_text(f"id,d\n1,{text}\n")
        with (
            pytest.raises(CommandError, match=r"x\.csv: .*--dtype"),
            open_rows(file, types={"d": pa.decimal128(*kind)}) as rows,
        ):
            rows.read_all()


def test_csv_goes_through_pipes_into_a_map_and_out_of_it(cluster: LocalCluster, name: str) -> None:
    given = "city,line,stops\nLima,1,26\nOslo,1,NA\nOslo,2,\n"
    load = ["load", "-", "--map", name, "--key", "city,line", "--null", "NA", "--columns", "line,city,stops"]
    done = run(*load, *to(cluster), given=given)
    assert done.returncode == 0, done.stderr
    assert b"key                 city, line\n" in done.stderr
    written = run("export", name, "-", "--columns", "city,stops", "--keys", *to(cluster)).stdout.decode().splitlines()
    assert written[0] == '"__key.city","__key.line","city","stops"'
    assert sorted(written[1:]) == ['"Lima",1,"Lima",26', '"Oslo",1,"Oslo",', '"Oslo",2,"Oslo",']


def test_options_of_a_load_reach_the_map(cluster: LocalCluster, client: Client, name: str) -> None:
    load = ["load", "-", "--map", name, "--key", "id", "--dtype", "id=int32", *to(cluster)]
    assert run(*load, "--format", "json", "--no-mapping", given="id,v\n1,a\n2,b\n").returncode == 0
    assert client.get_map(name).get(2).result().to_string() == '{"id":2,"v":"b"}'
    assert "--if-exists append" in complaint(run(*load, given="id,v\n3,c\n"))
    assert client.get_map(name).size().result() == 2
    replace = ["--if-exists", "replace", "--ttl", "600", "--batch-size", "1"]
    assert run(*load, *replace, given="id,v\n3,c\n4,d\n").returncode == 0
    assert client.read_sql(f"SELECT * FROM {name} ORDER BY id").to_dict("list") == {"id": [3, 4], "v": ["c", "d"]}
    assert client.get_map(name).size().result() == 2
    assert client.get_map(name).get_entry_view(3).result().ttl == 600_000


@pytest.mark.parametrize("key", ["id", "city,line"])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_map_exported_with_its_keys_is_loaded_by_the_same_keys(
    cluster: LocalCluster, client: Client, name: str, key: str, ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"rows.{ending}"
    given = "city,line,id\nLima,1,7\nOslo,1,8\nOslo,2,9\n"
    assert run("load", "-", "--map", name, "--key", key, *to(cluster), given=given).returncode == 0
    assert run("export", name, str(file), "--keys", *to(cluster)).returncode == 0
    before = client.scan_map(name).read_all().sort_by("id")
    done = run("load", str(file), "--map", name, "--if-exists", "replace", *to(cluster))
    assert done.returncode == 0, done.stderr
    assert f"key                 {key.replace(',', ', ')}\n" in done.stderr.decode()
    assert client.scan_map(name).read_all().sort_by("id") == before


def test_exported_keys_that_are_no_column_are_asked_for(
    cluster: LocalCluster, client: Client, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("__key,id,v\n" + "".join(f"{i},{i if i < 90_000 else 0},x\n" for i in range(150_000)))
    load = ["load", str(file), "--map", name, *to(cluster)]
    said = complaint(run(*load))
    assert "its column '__key' has the keys of the map" in said
    assert "behind row" in said
    check_account(said, client, name)
    file.write_text("__key,id,v\n1,7,x\n")
    assert f"{file}: its column '__key' has the keys" in complaint(run(*load, "--if-exists", "replace"))
    assert run(*load, "--if-exists", "replace", "--key", "id", "--no-mapping", "--format", "portable").returncode == 0
    assert client.scan_map(name).read_all().to_pylist() == [{"__key": 7, "id": 7, "v": "x"}]
    assert hzdata.describe(name)["kind"].tolist() == ["bigint", "portable", "portable"]


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (["nowhere.csv"], "nowhere.csv: there is no such file"),
        (["rows.xlsx"], "the ending .xlsx is no format"),
        (["rows"], "without an ending"),
        (["-"], "pass --map"),
        (["empty.csv"], "empty.csv: Empty CSV file"),
        (["cut.parquet"], "cut.parquet: Parquet magic bytes not found in footer"),
        (["whole.parquet", "--columns", "id,ctiy"], "it has no column 'ctiy'"),
        (["whole.parquet", "--key", "ide"], "--key ide: the frame has no such column; did you mean 'id'?"),
        (["whole.parquet", "--dtype", "id=int8"], "for CSV only"),
        (["whole.parquet", "--ttl", "-1"], "--ttl -1.0: pass a number of seconds above 0"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_loaded_is_told_in_a_line(
    cluster: LocalCluster, load: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parquet.write_table(FLAT, "whole.parquet")
    Path("cut.parquet").write_bytes(Path("whole.parquet").read_bytes()[:-20])
    Path("empty.csv").touch()
    assert words in complaint(run("load", *load, *to(cluster)))


def check_account(said: str, client: Client, name: str) -> None:
    """Hold what a command said of the rows placed, and of those unknown, against the map."""
    found = re.search(r"has ([\d,]+) rows of the file(?:, and ([\d,]+) more or not)?", said)
    assert found is not None, said
    placed, unknown = (int((group or "0").replace(",", "")) for group in found.groups())
    assert 0 < placed <= client.get_map(name).size().result() <= placed + unknown


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("1,2,3", "CSV parse error: Row #150002: Expected 2 columns, got 3: 1,2,3"),
        ("x,2", "Row #150002: CSV conversion error to int64: invalid value 'x'; types are told"),
        (",2", "column 'id', row 150000: "),
    ],
    ids=["columns", "type", "key"],
)
def test_a_wrong_row_of_csv_is_told_with_how_far_the_load_came(
    cluster: LocalCluster, client: Client, name: str, wrong: str, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    rows = [f"{i},value {i}" for i in range(200_000)]
    rows[150_000] = wrong
    file.write_text("\n".join(["id,v", *rows]))
    said = complaint(run("load", str(file), "--map", name, "--key", "id", *to(cluster)))
    assert words in said
    assert str(file) in said
    check_account(said, client, name)


def test_parquet_that_is_damaged_in_the_middle_is_told_with_how_far_the_load_came(
    cluster: LocalCluster, client: Client, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"id": np.arange(300_000)}), file, row_group_size=150_000, use_dictionary=False)
    content = bytearray(file.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 1000] = bytes(1000)
    file.write_bytes(content)
    said = complaint(run("load", str(file), "--key", "id", "--map", name, *to(cluster)))
    assert re.search(rf"{file}: behind row 1\d\d,\d\d\d: ", said), said
    check_account(said, client, name)


def test_ctrl_c_ends_a_load_and_says_how_far_it_came(cluster: LocalCluster, client: Client, name: str) -> None:
    load = ["load", "-", "--map", name, "--key", "id", *to(cluster)]
    with subprocess.Popen([*HZDATA, *load], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"id,v\n" + b"".join(b"%d,value %d\n" % (i, i) for i in range(200_000)))
        process.stdin.flush()
        until(lambda: client.get_map(name).size().result())
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.startswith(b"hzdata: interrupted. ")
    check_account(said.decode(), client, name)


def test_ctrl_c_leaves_no_part_of_a_file(cluster: LocalCluster, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    export = ["export", "SELECT * FROM TABLE(generate_stream(200000))", str(file), *to(cluster)]
    with subprocess.Popen([*HZDATA, *export], stderr=subprocess.PIPE) as process:
        until(lambda: any(part.stat().st_size for part in tmp_path.iterdir()))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == f"hzdata: interrupted; {file} was not written\n".encode()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("export", "words"),
    [
        (["SELECT 1 AS v", "nowhere/rows.csv"], "there is no directory nowhere"),
        (["SELECT 1 AS v", "."], "no format"),
        (["SELECT 1 AS v", "rows.json"], "the ending .json is no format"),
        (["SELECT 1 AS v", "/dev/full", "--format", "parquet"], "/dev/full: it was not written: No space left"),
        (["SELECT 1 AS v", "rows.csv", "--keys"], "--columns and --keys are of a map"),
        (["no_such_map", "rows.csv"], "there is no map 'no_such_map'"),
        (["lists_of_a_map", "rows.csv"], "csv has no place for column 'l', list<item: int64>"),
        (["lists_of_a_map", "rows.parquet", "--columns", "id,m"], "no value of the map has a field 'm'"),
        (["lists_of_a_map", "rows.parquet", "--columns", "m"], "no value of the map has a field 'm'"),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_exported_is_told_in_a_line_and_leaves_no_file(
    cluster: LocalCluster,
    client: Client,
    export: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    lists = pa.table({"id": [1], "l": pa.array([[1]])})
    client.to_hz_map(lists, "lists_of_a_map", "id", mapping=False, if_exists="replace")
    assert words in complaint(run("export", *export, *to(cluster)))
    assert list(tmp_path.iterdir()) == []
    client.get_map("lists_of_a_map").destroy()


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet", "arrow"])
def test_a_disk_that_is_full_leaves_no_part_of_a_file(cluster: LocalCluster, ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"rows.{ending}"
    export = ["export", "SELECT * FROM TABLE(generate_series(1, 300000))", str(file), *to(cluster)]
    done = subprocess.run(
        [*HZDATA, *export],
        capture_output=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert f"{file}: it was not written: File too large" in complaint(done)
    assert list(tmp_path.iterdir()) == []


# --- Memory ----------------------------------------------------------------------------------------------------------

_FROM_ITS_IMPORTS = """
import sys, pandas, psutil, pyarrow.csv, pyarrow.parquet, hzdata.frames.load, hzdata.frames.maps, hzdata.session
from hzdata.cli import arguments, main
print(psutil.Process().memory_info().rss, flush=True)
sys.exit(main(sys.argv[1:]))
"""


def memory_taken(*arguments: str) -> int:
    """The most memory that a command has held beyond its imports, in bytes."""
    with subprocess.Popen([sys.executable, "-c", _FROM_ITS_IMPORTS, *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        before = peak = int(process.stdout.readline())
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                peak = max(peak, watched.memory_info().rss)
            time.sleep(0.005)
    assert process.returncode == 0
    return peak - before


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_memory_stays_small_whatever_the_size_of_a_file(
    cluster: LocalCluster, name: str, ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"rows.{ending}"
    numbers = np.arange(2_000_000)
    texts = pa.array([f"{i:0100d}" for i in range(1000)])
    table = pa.table({"id": numbers % 50_000, "x": numbers * 0.5, "text": texts.take(pa.array(numbers % 1000))})
    assert table.nbytes > 240e6
    if ending == "csv":
        csv.write_csv(table, file)
    else:
        parquet.write_table(table, file, row_group_size=len(table))
    assert memory_taken("load", str(file), "--map", name, "--key", "id", *to(cluster)) < 200e6


@pytest.mark.slow
def test_memory_stays_small_whatever_is_exported(cluster: LocalCluster, tmp_path: Path) -> None:
    query = f"SELECT v, v * 0.5e0 AS x, '{'x' * 100}' AS text FROM TABLE(generate_series(1, 2000000))"
    assert memory_taken("export", query, str(tmp_path / "rows.parquet"), *to(cluster)) < 200e6
