"""Java classes for members: those in tests/java, compiled when they are first needed, and their Python counterparts.

The Eclipse compiler is one jar that runs on the members' own java, so a machine without a JDK compiles, too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

from hzdata.core.serialization.api import IdentifiedDataSerializable
from hzdata.local.jars import find_jars
from hzdata.local.java import find_java

COMPILER = "org.eclipse.jdt:ecj:3.33.0"
SOURCES = Path(__file__).parent / "java"

MEMBER_CONFIG: dict[str, Any] = {
    "serialization": {
        "data-serializable-factories": [{"factory-id": 666, "class-name": "hzdata.TestFactory"}],
    },
    "map": {
        "squares": {"map-store": {"enabled": True, "initial-mode": "LAZY", "class-name": "hzdata.Squares"}},
    },
}
"""What members need to know of the classes."""


def compiled(version: str) -> Path:
    """Return the directory with the compiled classes, for members of a version. A second run needs no network."""
    sources = sorted(SOURCES.rglob("*.java"))
    digest = hashlib.sha256(version.encode() + b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    place = platformdirs.user_cache_path("hzdata") / "test-classes" / digest
    if place.is_dir():
        return place
    import jgo

    place.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=place.parent))
    try:
        [compiler] = jgo.build(COMPILER).all_jars
        jars = os.pathsep.join(str(path) for path in find_jars(version).paths)
        command = [find_java().executable, "-jar", compiler, "-17", "-proc:none", "-cp", jars, "-d", staging, *sources]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        if not place.exists():
            os.rename(staging, place)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return place


class _WithText(IdentifiedDataSerializable):
    class_id: int

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def get_factory_id(self) -> int:
        return 666

    def get_class_id(self) -> int:
        return self.class_id

    def write_data(self, object_data_output: Any) -> None:
        object_data_output.write_string(self.text)

    def read_data(self, object_data_input: Any) -> None:
        self.text = object_data_input.read_string()


class SetValue(_WithText):
    """An entry processor that sets the value to its text and returns the one before."""

    class_id = 1


class ByValueDescending(_WithText):
    """A comparator for pages: the greatest value comes first."""

    class_id = 2


class UpperCase(_WithText):
    """An interceptor that hands texts out in capitals."""

    class_id = 3


class Echo(_WithText):
    """A task that returns its text and the uuid of the member; it fails without a text."""

    class_id = 4


class Multiply(_WithText):
    """A function of an AtomicLong."""

    class_id = 5


class StartsWith(_WithText):
    """A filter of a ringbuffer."""

    class_id = 6


class Append(_WithText):
    """A function of an AtomicReference."""

    class_id = 7


class IncrementField(_WithText):
    """An entry processor that writes a Portable or Compact value anew, the int field of its text greater by one."""

    class_id = 8


class StatisticsOf(_WithText):
    """A task that returns what the client of that uuid has last told the member of itself, None when it has not."""

    class_id = 9
