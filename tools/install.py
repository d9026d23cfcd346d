"""Install this project into the virtual environment that runs this: ``python tools/install.py -e '.[test]'``.

It is ``pip install`` of what the arguments say, and what that needs to build, with one thing added: the packages
are kept in a directory of pip's cache, and without a network they are taken from there. (pip's own cache holds the
packages, but not the index that they are found by.)
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

BUILD_TOOLS = ("hatchling", "setuptools", "wheel")
COMPILERS = ("cc", "gcc", "clang")


def pip(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run pip of this environment."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def install(requirements: list[str], *options: str) -> bool:
    """Install the build tools and the requirements; True when all is in place."""
    return all(
        pip("install", "--quiet", "--retries", "1", *options, *step).returncode == 0
        for step in (build_tools(requirements), ("--no-build-isolation", *requirements))
    )


def build_tools(requirements: list[str]) -> tuple[str, ...]:
    """Return what the build needs. Who works on hzdata tests its compiled kernels too: a compiler is brought along."""
    has_compiler = any(map(shutil.which, COMPILERS))
    return BUILD_TOOLS if has_compiler or "-e" not in requirements else (*BUILD_TOOLS, "ziglang>=0.13")


def keep(place: Path) -> None:
    """Keep what is installed, as wheels. The next installation online does without: a failure is only told."""
    frozen = pip("freeze", "--all", "--exclude", "pip", "--exclude", "hzdata", capture_output=True).stdout.split("\n")
    names = [line for line in frozen if "==" in line]
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--find-links", str(place), "--wheel-dir", str(place))
    if pip("wheel", *options, *names).returncode != 0:
        print("The packages could not be kept: without a network, another clone cannot install them.", file=sys.stderr)


def main() -> int:
    requirements = sys.argv[1:]
    if not requirements:
        print(f"usage: {sys.argv[0]} REQUIREMENT…, such as '.[demo]'", file=sys.stderr)
        return 2
    place = Path(pip("cache", "dir", capture_output=True).stdout.strip() or ".", "hzdata-wheels")
    if install(requirements):
        keep(place)
        return 0
    if not place.is_dir():
        return 1
    print(f"Trying again without a network, with the packages in {place}.", file=sys.stderr)
    return 0 if install(requirements, "--no-index", "--find-links", str(place)) else 1


if __name__ == "__main__":
    sys.exit(main())
