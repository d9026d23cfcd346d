"""The jars a member is made of: resolved once by Maven coordinates, then kept with their checksums.

The cache holds one directory a version: the jars and ``checksums.json`` with the SHA-256 of each. A version gets there
whole or not at all: jars are fetched into a staging directory beside it, held against the SHA-1 that the repository
publishes next to each, and moved into place in one rename. Every later start hashes the jars again (46 MB, about
0.06 s) and needs no network.

jgo resolves the coordinates. It only warns of a checksum that does not match and writes into the user's own Maven
repository while it downloads, which is why the checking and the placing are done here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import LocalClusterError
from .versions import DEFAULT_VERSION, Version

if TYPE_CHECKING:
    from .repository import FetchedJar

__all__ = ["JARS_VARIABLE", "Jars", "find_jars"]

JARS_VARIABLE = "HZDATA_JARS"
"""Environment variable naming a directory of jars to use as it is."""

_CHECKSUMS = "checksums.json"
_STALL_SECONDS = 20.0
_ABANDONED_SECONDS = 3600.0
_MAIN_CLASS_FILE = "com/hazelcast/core/server/HazelcastMemberStarter.class"


@dataclass(frozen=True)
class Jars:
    """The jars of one Hazelcast version and where they come from."""

    version: Version
    paths: tuple[Path, ...]
    origin: str


def find_jars(version: str) -> Jars:
    """Return the jars of ``version``: from HZDATA_JARS, from the cache, or downloaded into it.

    Raises
    ------
    LocalClusterError
        When there is no such version, no network and nothing cached, no ``local`` extra, a jar that is not what was
        published, or HZDATA_JARS names something else.
    """
    directory = os.environ.get(JARS_VARIABLE)
    if directory:
        return _jars_given(Path(directory).expanduser(), version)
    wanted = Version.parse(version)
    cache = _cache_directory()
    place = cache / wanted.text
    paths = _verified(place)
    if paths is None:
        _fetch(wanted, cache, place)
        paths = _verified(place)
        if paths is None:
            raise LocalClusterError(f"the jars in {place} changed while they were checked: remove the directory.")
    return Jars(wanted, paths, "cache")


def _jars_given(directory: Path, version: str) -> Jars:
    paths = tuple(sorted(directory.glob("*.jar"))) if directory.is_dir() else ()
    held = next((found for found in map(_hazelcast_version, paths) if found is not None), None)
    if held is None:
        raise LocalClusterError(
            f"{JARS_VARIABLE}={directory} is no directory with a Hazelcast jar: put hazelcast-*.jar and "
            "hazelcast-sql-*.jar there, or unset it to have them downloaded."
        )
    if held != version:
        difference = (
            f"{JARS_VARIABLE}={directory} holds Hazelcast {held}, not {version}: unset it, or pass version={held!r}."
        )
        if version != DEFAULT_VERSION:
            raise LocalClusterError(difference)
        warnings.warn(difference, stacklevel=4)
    return Jars(Version.parse(held), paths, JARS_VARIABLE)


def _hazelcast_version(jar: Path) -> str | None:
    """Return the version in the manifest of a jar that holds the member's main class."""
    try:
        with zipfile.ZipFile(jar) as archive:
            archive.getinfo(_MAIN_CLASS_FILE)
            manifest = archive.read("META-INF/MANIFEST.MF").decode(errors="replace")
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    lines = manifest.splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("Bundle-Version:")), None)


def _cache_directory() -> Path:
    try:
        import platformdirs
    except ImportError as error:
        raise _missing_extra(error) from error
    cache = platformdirs.user_cache_path("hzdata") / "jars"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalClusterError(
            f"the cache directory {cache} cannot be made ({error.strerror}): set XDG_CACHE_HOME to a directory "
            f"that can be written, or {JARS_VARIABLE} to one that holds the jars."
        ) from error
    return cache


def _missing_extra(error: ImportError) -> LocalClusterError:
    return LocalClusterError(
        f"LocalCluster needs the package {(error.name or '').partition('.')[0]}: pip install 'hzdata[local]', "
        f"or set {JARS_VARIABLE} to a directory that holds the Hazelcast jars."
    )


def _verified(place: Path) -> tuple[Path, ...] | None:
    """Return the jars in ``place`` when they are all there and what they were when they were fetched."""
    try:
        checksums: dict[str, str] = json.loads((place / _CHECKSUMS).read_text())
        paths = tuple(place / name for name in checksums)
        intact = all(_digest(path, "sha256") == checksums[path.name] for path in paths)
    except (OSError, ValueError):
        return None
    return paths if intact and paths else None


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _fetch(version: Version, cache: Path, place: Path) -> None:
    """Download ``version`` and put it in ``place``, whole."""
    try:
        from . import repository
    except ImportError as error:
        raise _missing_extra(error) from error
    with _staging(cache) as staging:
        jars = _watched(lambda: repository.fetch(version, staging / "repository"), version, staging)
        ready = staging / "ready"
        ready.mkdir()
        checksums = {}
        for jar in jars:
            if _digest(jar.path, "sha1") != jar.published_sha1:
                raise LocalClusterError(
                    f"{jar.path.name} is not what its repository published (SHA-1 differs): try again, and look "
                    "for a proxy that changes downloads."
                )
            os.replace(jar.path, ready / jar.path.name)
            checksums[jar.path.name] = _digest(ready / jar.path.name, "sha256")
        (ready / _CHECKSUMS).write_text(json.dumps(checksums, indent=2) + "\n")
        try:
            os.rename(ready, place)
        except OSError:
            # Something is there: a good copy that another process has put there since, or what we are to replace.
            if _verified(place) is None:
                os.rename(place, staging / "replaced")
                os.rename(ready, place)


@contextmanager
def _staging(cache: Path) -> Iterator[Path]:
    """Yield a directory on the cache's file system; remove it after, and those that killed processes left."""
    for left in cache.glob(".staging-*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=cache))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _watched(job: Callable[[], list[FetchedJar]], version: Version, staging: Path) -> list[FetchedJar]:
    """Run a download in a thread of its own and give up when no byte has come for a while.

    HTTP timeouts are per address and per read, and a busy repository may ask to wait a minute: only what arrives
    tells a slow download from a dead one.
    """
    outcome: list[list[FetchedJar]] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(job())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, name="hzdata-download", daemon=True)
    thread.start()
    size, since = -1, time.monotonic()
    while thread.is_alive():
        thread.join(0.1)
        now = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > _STALL_SECONDS:
            raise LocalClusterError(
                f"Hazelcast {version} could not be downloaded: nothing came for {_STALL_SECONDS:.0f} s. Look at "
                f"the network and at HTTPS_PROXY, or set {JARS_VARIABLE} to a directory that holds the jars."
            )
    if failure:
        raise failure[0]
    return outcome[0]
