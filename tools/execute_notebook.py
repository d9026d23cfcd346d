"""Run notebooks in place, from a clean kernel: ``python -m tools.execute_notebook notebooks/*.ipynb``.

The state of the widgets is saved with them, so that they are to be seen without a kernel.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> Any:
    """Return the notebook at ``path`` as it is after running every cell.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        When a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=True,
        record_timing=False,
    ).execute()
    return notebook


def without_bars(notebook: Any) -> Any:
    """Return the notebook without its progress bars: live they are gone at the end, saved they would stand at 0 %."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_bar(output.get("data", {}))]
    return notebook


def _is_bar(data: Any) -> bool:
    return WIDGET_VIEW in data and "text/html" not in data


def main(paths: list[str]) -> None:
    """Run each notebook and write it back."""
    for path in map(Path, paths):
        nbformat.write(without_bars(execute(path)), path)  # type: ignore[no-untyped-call]
        print(f"{path}: run")


if __name__ == "__main__":
    main(sys.argv[1:])
