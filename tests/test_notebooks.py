"""Every notebook runs from a clean kernel, and shows what it promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools.execute_notebook import WIDGET_VIEW, execute

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


def saved(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


class Outputs:
    """What the cells of a notebook show, found by what is in their code."""

    def __init__(self, notebook: Any) -> None:
        self._cells = code_cells(notebook)

    def _outputs(self, code: str) -> list[Any]:
        [cell] = [cell for cell in self._cells if code in cell.source]
        return list(cell.outputs)

    def result(self, code: str) -> dict[str, Any]:
        """The result of a cell, by MIME type."""
        [result] = [output.data for output in self._outputs(code) if output.output_type == "execute_result"]
        return dict(result)

    def printed(self, code: str) -> str:
        """What a cell has printed."""
        outputs = [output for output in self._outputs(code) if output.get("name") == "stdout"]
        return "".join(output.text for output in outputs)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_quickstart_shows_the_first_ten_minutes() -> None:
    notebook = execute(NOTEBOOKS / "01-quickstart.ipynb")
    shown = Outputs(notebook)

    assert "0 127.0.0.1" in shown.result("LocalCluster(members=2")["text/plain"]
    assert "complete" in shown.result("to_hz_map")["text/plain"]
    assert re.search(r"rows placed +1,000", shown.result("to_hz_map")["text/plain"])

    by_city = shown.result("GROUP BY city")["text/plain"]
    assert all(city in by_city for city in ("Berlin", "Lisbon", "Oslo", "Rome"))
    assert "The same values: True" in shown.printed("back.dtypes")
    assert "city" in shown.result("read_arrow")["text/plain"]

    assert shown.result('await capitals.get("France")')["text/plain"] == "('Paris', 3)"
    assert shown.result("entry_set()")["text/plain"].startswith("[('France', 'Paris'), ")

    dashboard = shown.result("dashboard = hz.dashboard")
    assert dashboard["text/plain"].startswith("Hazelcast dev · connected · 2 members · 271 partitions")
    assert "hz-dashboard" in dashboard["text/html"]
    assert dashboard[WIDGET_VIEW]["model_id"] in notebook.metadata.widgets[WIDGET_STATE]["state"]

    assert shown.printed("cluster.kill_member(1)") == "1000 of 1000 readings are there.\n"

    afterwards = shown.printed("print(dashboard)")
    assert "2 members" in afterwards
    assert re.search(r"member left +127.0.0.1", afterwards)
    assert re.search(r"member joined +127.0.0.1", afterwards)
    assert "entry updated  capitals['Norway'] = 'Oslo' → 'Oslo, once Christiania'" in afterwards
    assert re.search(r"entry added +capitals: [\d,]+ more in", afterwards)

    assert shown.result("cluster.close()")["text/plain"] == "<LocalCluster 'dev': closed>"


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_notebook_is_saved_as_it_ran(path: Path) -> None:
    notebook = saved(path)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert path.stat().st_size < 300_000


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_saved_notebook_shows_its_widgets_without_a_kernel(path: Path) -> None:
    notebook = saved(path)
    views = [output.data for cell in code_cells(notebook) for output in cell.outputs if "data" in output]
    for data in views:
        if WIDGET_VIEW in data:
            assert data[WIDGET_VIEW]["model_id"] in notebook.metadata.widgets[WIDGET_STATE]["state"]
            assert {"text/plain", "text/html"} <= data.keys()
