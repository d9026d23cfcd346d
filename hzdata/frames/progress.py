"""Progress of what takes longer than about two seconds: a bar by tqdm, in a notebook or a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

__all__ = ["Progress"]

_DELAY = 2.0
"""Seconds of work before a bar appears by itself: what is over sooner needs none."""


class Progress:
    """Counts what was done and shows it. A context manager; the bar stays, with the final count, when it ends.

    Parameters
    ----------
    title
        Stands before the bar.
    total
        How much there is to do; None when that is not known.
    unit
        What is counted.
    show
        True: always. False: never. None: after two seconds, if there is a notebook or a terminal to show it in.
    """

    def __init__(self, title: str, total: int | None = None, unit: str = " rows", show: bool | None = None) -> None:
        self.done = 0
        self._title = title
        self._total = total
        self._unit = unit
        self._started = time.monotonic()
        self._visible = show if show is not None else _in_notebook() or _on_terminal()
        self._after = self._started if show else self._started + _DELAY
        self._bar: Any = None

    def advance(self, count: int) -> None:
        """Add to what is done."""
        self.done += count
        if self._bar is not None:
            self._bar.update(count)
        elif self._visible and time.monotonic() >= self._after:
            self._bar = self._open()
            self._bar.update(self.done)

    def _open(self) -> Any:
        from tqdm.auto import tqdm

        bar = tqdm(desc=self._title, total=self._total, unit=self._unit, unit_scale=True, leave=True)
        # The rate is over all of the work, also the part before the bar came.
        bar.start_t -= time.monotonic() - self._started
        return bar

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._visible = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _in_notebook() -> bool:
    """Say whether this runs in a kernel that shows rich output; IPython in a terminal does not."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
