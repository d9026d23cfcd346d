"""Compile kernels.c into the library beside it: ``python -m hzdata.frames.kernels.build``.

With the system's C compiler, or with PyPI's ``ziglang`` where there is none. Needs nothing of hzdata: the build of a
wheel loads this file by its path.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE / "kernels.c"
LIBRARY = HERE / "_kernels.so"

_OPTIONS = ("-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror")
_TIMEOUT = 300


def compiler() -> list[str] | None:
    """Return the command of a C compiler of this machine; None when there is none."""
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return [name]
    if importlib.util.find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def build(target: Path = LIBRARY) -> None:
    """Compile the kernels.

    Raises
    ------
    RuntimeError
        When there is no compiler, or it fails; what it said is part of the text.
    """
    command = compiler()
    if command is None:
        raise RuntimeError("there is no C compiler here: install one, or `pip install ziglang`")
    # Beside the target and renamed: who has the old library loaded keeps it, and nobody ever sees half of one.
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch, target.name)
        try:
            done = subprocess.run(
                [*command, *_OPTIONS, f"-DSOURCE_ID={zlib.crc32(SOURCE.read_bytes())}", "-o", str(made), str(SOURCE)],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(f"{command[0]} did not compile {SOURCE.name}: {error}") from error
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} did not compile {SOURCE.name}: {done.stderr.strip()}")
        made.replace(target)


if __name__ == "__main__":
    try:
        build()
    except RuntimeError as problem:
        sys.exit(str(problem))
    print(LIBRARY)
