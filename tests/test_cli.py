"""The command ``hzdata``: rows in the format asked for, one line for what went wrong, and an exit code."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv, ipc, parquet

from hzdata.local import LocalCluster
from hzdata.session import Client

HZDATA = [sys.executable, "-m", "hzdata.cli"]

ROWS = pd.DataFrame(
    {"id": [1, 2], "city": ["Lima", None], "at": pd.to_datetime(["2026-03-01 08:00", "2026-03-02 12:00"])}
)
EXPECTED = pa.table(
    {"id": [1, 2], "city": ["Lima", None], "at": pa.array(ROWS["at"].to_numpy(), pa.timestamp("ns"))},
)


@pytest.fixture(scope="module")
def query(cluster: LocalCluster) -> Iterator[list[str]]:
    """Arguments that query a map of two rows."""
    client = cluster.client
    client.to_hz_map(ROWS, "cli_rows", key="id", if_exists="replace")
    yield ["sql", "SELECT * FROM cli_rows ORDER BY id", *to(cluster)]
    client.sql.execute("DROP MAPPING cli_rows").result()
    client.get_map("cli_rows").destroy()


def to(cluster: LocalCluster) -> list[str]:
    return ["--address", cluster.addresses[0], "--cluster-name", cluster.cluster_name]


def run(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[bytes]:
    data = None if given is None else given.encode()
    return subprocess.run([*HZDATA, *arguments], input=data, capture_output=True, timeout=60, check=False)


def complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    """What a failed command said: one line."""
    assert done.returncode == 2
    said = done.stderr.decode()
    assert said.startswith("hzdata: ")
    assert said.count("\n") == 1
    return said


READERS = {
    "csv": lambda data: csv.read_csv(
        io.BytesIO(data), convert_options=csv.ConvertOptions(column_types=EXPECTED.schema, strings_can_be_null=True)
    ),
    "parquet": lambda data: parquet.read_table(io.BytesIO(data)),
    "arrow": lambda data: ipc.open_file(data).read_all(),
    "arrows": lambda data: ipc.open_stream(data).read_all(),
}


@pytest.mark.parametrize("form", READERS)
def test_rows_come_in_the_format_asked_for(query: list[str], form: str) -> None:
    done = run(*query, "--format", form)
    assert done.returncode == 0, done.stderr
    assert READERS[form](done.stdout).cast(EXPECTED.schema) == EXPECTED


@pytest.mark.parametrize("form", READERS)
def test_a_file_gets_the_format_of_its_ending(query: list[str], form: str, tmp_path: Path) -> None:
    file = tmp_path / f"rows.{form}"
    assert run(*query, "-o", str(file)).returncode == 0
    assert READERS[form](file.read_bytes()).cast(EXPECTED.schema) == EXPECTED


def test_without_a_format_rows_are_a_table(query: list[str]) -> None:
    lines = run(*query).stdout.decode().splitlines()
    assert lines[0].split() == ["id", "city", "at"]
    assert lines[1].split()[:2] == ["1", "Lima"]
    assert len(lines) == 3


def test_a_query_may_come_from_stdin(query: list[str]) -> None:
    command, statement, *rest = query
    assert run(command, "-", *rest, given=statement).stdout == run(*query).stdout


def test_a_query_that_fails_is_one_line_and_leaves_no_file(cluster: LocalCluster, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    statement = "SELECT 1 / (v - 40000) AS q FROM TABLE(generate_series(1, 50000))"
    assert "zero" in complaint(run("sql", statement, *to(cluster), "-o", str(file)))
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    assert "127.0.0.1:1" in complaint(run("sql", "SELECT 1", "--address", "127.0.0.1:1"))


def test_a_version_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    assert "9.9.9" in complaint(run("demo", "--version", "9.9.9", "--output-dir", str(tmp_path)))


def test_ctrl_c_ends_an_endless_query_on_the_cluster_too(cluster: LocalCluster, client: Client) -> None:
    endless = ["sql", "SELECT * FROM TABLE(generate_stream(10000))", *to(cluster), "--format", "csv"]
    with subprocess.Popen([*HZDATA, *endless], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said == b"hzdata: interrupted\n"


def test_a_reader_that_has_had_enough_is_no_failure(cluster: LocalCluster) -> None:
    series = ["sql", "SELECT * FROM TABLE(generate_series(1, 1000000))", *to(cluster), "--format", "csv"]
    with subprocess.Popen([*HZDATA, *series], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b'"v"\n'
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_versions_are_said() -> None:
    said = run("versions").stdout.decode()
    assert said.startswith("hzdata ")
    assert "pandas" in said


def test_a_file_whose_ending_is_no_format_is_refused(cluster: LocalCluster, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    assert ".csv, .parquet, .arrow" in complaint(run("sql", "SELECT 1", *to(cluster), "-o", str(file)))
    assert not file.exists()
