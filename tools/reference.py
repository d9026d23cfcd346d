"""Write docs/reference.md from the documented surface: ``python -m tools.reference``; ``--check`` only compares.

A row a name: how the documentation of Hazelcast's Python client has it, and what its docstring here says first.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path

from tests.surface.items import MORE, Item, error_codes, found, items

PAGE = Path(__file__).parents[1] / "docs" / "reference.md"
HEAD = """# Reference of hzdata.core

Written by `python -m tools.reference` from `tests/surface/surface.yaml` and the docstrings; change those, not this. All
names that the documentation of Hazelcast's Python client has are here: `hazelcast.X` there is `hzdata.core.X` here. The
methods of structures return a `Future`, or the plain result after `blocking()`. Examples: [examples.md](examples.md),
and the docstrings.
"""


def page() -> str:
    """Return the text of docs/reference.md."""
    lines = [HEAD]
    for module, of_module in groupby(items(), key=lambda item: item.module):
        lines += [f"## {module}", ""]
        for is_class, group in groupby(_by_class(of_module), key=lambda members: len(members) > 1):
            # Functions, and classes of which no member is documented, share a table.
            tables = list(group)
            for table in tables if is_class else [list(chain.from_iterable(tables))]:
                lines += [*_table(table), ""]
    lines += ["## Errors by their codes", "", "| code | class |", "| ---: | --- |"]
    lines += [f"| {code} | `{name}` |" for code, name in sorted(error_codes().items())]
    return "\n".join(lines) + "\n"


def _by_class(of_module: Iterator[Item]) -> Iterator[list[Item]]:
    """Yield each class with its members, and each function alone."""
    for _, group in groupby(of_module, key=lambda item: item.owner or item.name):
        yield [item for item in group if not item.name.startswith("is a ")]


def _table(rows: list[Item]) -> Iterator[str]:
    if rows[-1].owner:
        yield from (f"### {rows[0].name}", "", _summary(rows[0]), "")
        rows = rows[1:]
    plain = [item for item in rows if item.parameters is None and item.owner]
    if plain:
        yield ", ".join(f"`{item.name}`" + (f" = {item.value}" if item.value else "") for item in plain)
    told = [item for item in rows if item.parameters is not None or not item.owner]
    if told:
        yield from ([""] if plain else [])
        yield from ("| | |", "| --- | --- |")
        yield from (f"| `{_shown(item)}` | {_summary(item)} |" for item in told)


def _shown(item: Item) -> str:
    name = item.owner if item.name == "__init__" else item.name
    if item.parameters is None:
        return name
    return f"{name}({', '.join(MORE[str(item)]) if str(item) in MORE else item.parameters})"


def _summary(item: Item) -> str:
    """What its docstring says first; a constructor's is that of its class, which is told above."""
    if item.name == "__init__":
        return ""
    first = (inspect.getdoc(found(item)) or "").partition("\n\n")[0]
    return " ".join(first.split()).replace("|", "\\|").replace("``", "`")


def main() -> int:
    """Write the page, or say that it is out of date."""
    if "--check" in sys.argv:
        if PAGE.read_text(encoding="utf-8") == page():
            return 0
        print(f"{PAGE.name} is out of date: python -m tools.reference", file=sys.stderr)
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
