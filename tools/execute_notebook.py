"""Run notebooks in place, from a clean kernel: ``python -m tools.execute_notebook notebooks/*.ipynb``.

The state of the widgets is saved with them, so that they are to be seen without a kernel.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient


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


def main(paths: list[str]) -> None:
    """Run each notebook and write it back."""
    for path in map(Path, paths):
        nbformat.write(execute(path), path)  # type: ignore[no-untyped-call]
        print(f"{path}: run")


if __name__ == "__main__":
    main(sys.argv[1:])
