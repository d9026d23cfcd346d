"""What takes long shows how far it is, in a terminal or a notebook, and nowhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import textwrap

import pytest

WORK = """
    import sys, time
    from hzdata.frames.progress import Progress

    with Progress("reading", show={show}) as progress:
        for _ in range({steps}):
            time.sleep(0.3)
            progress.advance(1000)
    print(progress.done)
"""


def stderr_of(show: bool | None, steps: int, *, terminal: bool) -> str:
    """What work of so many steps of 0.3 s writes to standard error."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))  # rows and columns
    script = textwrap.dedent(WORK).format(show=show, steps=steps)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 1 << 16):
            written += piece
    except OSError:
        pass  # how a terminal says that the other side is gone
    finally:
        os.close(ours)
    assert child.stdout is not None
    assert child.stdout.read() == f"{steps * 1000}\n"
    assert child.wait() == 0
    return written.decode()


def test_long_work_in_a_terminal_ends_with_a_bar_of_all_that_was_done() -> None:
    shown = stderr_of(None, 10, terminal=True)
    assert "reading" in shown
    assert shown.rstrip().splitlines()[-1].split("\r")[-1].startswith("reading: 10.0k rows")


def test_short_work_shows_nothing() -> None:
    assert stderr_of(None, 2, terminal=True) == ""


def test_without_a_terminal_nothing_is_shown() -> None:
    assert stderr_of(None, 10, terminal=False) == ""


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_true_shows_at_once_and_anywhere_and_false_nowhere(terminal: bool) -> None:
    assert "reading" in stderr_of(True, 1, terminal=terminal)
    assert stderr_of(False, 10, terminal=terminal) == ""
