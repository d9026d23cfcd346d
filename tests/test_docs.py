"""The documents hold: what they point at is there, and their tables are those of the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from hzdata.core.config import OPTIONS
from hzdata.core.protocol.sql_types import FIXED_SIZES, SQL_TYPE_NAMES
from tools import reference

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

STRUCTURES = ("near_caches", "flake_id_generators", "reliable_topics")

LINK = re.compile(r"\]\(([^)#:]+)\)")
FOLDERS = "hzdata|tests|benchmarks|docs|notebooks|tools"
NAMED_PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    missing += [path for path in NAMED_PATH.findall(text) if not (ROOT / path).exists()]
    assert missing == []


def test_the_sql_types_of_the_wire_document_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    rows = re.findall(r"(\d+) \| ([A-Z_]+) \| ([^|]+?) \|", text)
    assert {int(id_): name for id_, name, _ in rows} == SQL_TYPE_NAMES
    assert {int(id_): int(size) for id_, _, size in rows if size.isdigit()} == FIXED_SIZES


def test_the_reference_is_that_of_the_surface_and_its_docstrings() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "python -m tools.reference"


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)


def test_every_extra_the_documents_name_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {
        extra
        for document in DOCUMENTS
        for extras in re.findall(r"(?:hzdata|')?\[([\w,]+)\]'", document.read_text(encoding="utf-8"))
        for extra in extras.split(",")
    }
    assert named
    assert named <= set(project["optional-dependencies"])


def test_every_option_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    of_client = text.partition("## Of single structures")[0]
    tables = {"": OPTIONS} | {name: OPTIONS[name].check({"x": {}})["x"].TABLE for name in STRUCTURES}
    for structure, table in tables.items():
        start = rf"^\| `{structure}` \| " if structure else r"^\| "
        rows = dict(re.findall(start + r"`(\w+)` \| (\S+) \|", text if structure else of_client, re.MULTILINE))
        assert rows.keys() == table.keys()
        for name, option in table.items():
            plain = {"none": "None", "empty": str(type(option.default)())}.get(rows[name], rows[name].strip("`"))
            assert option.check(_value(plain)) == option.default if option.default is not None else plain == "None"


def _value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except ValueError:
        return text
