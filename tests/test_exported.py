"""The public surface: one list, and nothing beside it."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import hzdata

PUBLIC = [
    "Client",
    "ColumnError",
    "HazelcastError",
    "HazelcastSqlError",
    "LoadError",
    "LoadInterrupted",
    "LoadReport",
    "LocalCluster",
    "LocalClusterError",
    "NoDefaultClientError",
    "aggregate",
    "connect",
    "create_mapping",
    "describe",
    "head",
    "maps",
    "read_arrow",
    "read_map",
    "read_sql",
    "scan_map",
    "show_versions",
    "to_hz_map",
]


def test_the_public_surface_is_this_list() -> None:
    assert hzdata.__all__ == PUBLIC
    assert sorted(hzdata._SURFACE) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(hzdata, name)
    assert value is getattr(importlib.import_module(f"hzdata.{hzdata._SURFACE[name]}"), name)
    assert name in dir(hzdata)
    assert value.__doc__


def test_what_a_type_checker_sees_is_what_is_there() -> None:
    tree = ast.parse(Path(hzdata.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert seen == hzdata._SURFACE


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="read_sqll"):
        hzdata.read_sqll  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    assert hzdata.__version__ == importlib.metadata.version("hzdata")


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_frames_have_to_hz_map_as_soon_as_hzdata_is_imported_after_pandas() -> None:
    assert run("import pandas as pd, hzdata\nprint(callable(pd.DataFrame().to_hz_map))") == "True"


def test_frames_have_to_hz_map_once_hzdata_is_used_before_pandas() -> None:
    code = "import hzdata\nhzdata.connect\nimport pandas as pd\nprint(callable(pd.DataFrame().to_hz_map))"
    assert run(code) == "True"


def test_show_versions_tells_what_a_report_of_a_problem_needs() -> None:
    said = run("import hzdata\nhzdata.show_versions()")
    names = {line.split()[0] for line in said.splitlines()}
    assert {"hzdata", "python", "system", "pandas", "pyarrow", "numpy", "java", "hazelcast"} <= names


def test_the_client_can_be_imported_as_the_vendors() -> None:
    from tests.surface.items import items

    modules = sorted({item.module.split(".")[0] for item in items()} | {"asyncio", "db"})
    reached = " and ".join(f"hazelcast.{module}" for module in modules)
    code = (
        "import sys, hzdata.core as hazelcast\n"
        "loaded = {'hzdata.core.db', 'hzdata.core.asyncio'} & set(sys.modules)\n"
        f"assert hazelcast.HazelcastClient and {reached}\n"
        "print(hazelcast.__version__, sorted(loaded), hasattr(hazelcast, 'no_such_name'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    # The version is that of the client it stands for, which programs ask for what it can do.
    assert run.stdout.split("\n")[0] == "5.7.0 [] False"
