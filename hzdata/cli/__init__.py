"""The command ``hzdata``: what the package does, from a shell.

Exit codes: 0 done, 1 an answer was not what it should be (``demo``), 2 it could not be done, said in one line on
stderr, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Sequence

from .errors import CommandError

__all__ = ["main"]

OK, FAILED, INTERRUPTED = 0, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv
        Its arguments; None: those of the process.

    Returns
    -------
    int
        The exit code.
    """
    # What the client warns of while it tries is said by the error it ends with, if it does.
    logging.getLogger("hzdata").addHandler(logging.NullHandler())
    try:
        from .arguments import parser

        arguments = parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(f"hzdata: {str(interrupt) or 'interrupted'}\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough (`| head`); nothing more can be written there, not even at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if not _is_told_in_a_line(error):
            raise
        sys.stderr.write(f"hzdata: {' '.join(str(error).split())}\n")
        return FAILED


def _is_told_in_a_line(error: Exception) -> bool:
    """Whether an error is about what was asked for, so that its message is all there is to say; else it is a bug."""
    from ..core.errors import HazelcastError
    from ..local import LocalClusterError

    return isinstance(error, CommandError | HazelcastError | LocalClusterError | OSError)
