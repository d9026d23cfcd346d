"""Jars are downloaded once, held against their checksums, and then need no network."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hzdata.local import LocalCluster, LocalClusterError, download, jars
from hzdata.local.jars import JARS_VARIABLE, find_jars
from tests.conftest import QUICK_START

VERSION = "5.7.0"
POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>com.hazelcast</groupId><artifactId>{name}</artifactId><version>{version}</version></project>"""
METADATA = """<metadata><groupId>com.hazelcast</groupId><artifactId>hazelcast</artifactId><versioning>
<release>5.7.0</release><versions><version>5.6.0</version><version>5.7.0</version><version>5.7.0-BETA-1</version>
</versions></versioning></metadata>"""


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def real_jars() -> tuple[Path, ...]:
    return find_jars(VERSION).paths


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hzdata" / "jars"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every request of this process to a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, closed)
    for name in ("NO_PROXY", "no_proxy", JARS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mirror(tmp_path: Path, real_jars: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Maven repository of our own, in the place of the central one; yields the directory it serves."""
    root = tmp_path / "mirror"
    for jar in real_jars:
        name = jar.name.removesuffix(f"-{VERSION}.jar")
        place = root / "com" / "hazelcast" / name / VERSION
        place.mkdir(parents=True)
        os.link(jar, place / jar.name) if same_device(jar, place) else shutil.copy(jar, place / jar.name)
        (place / f"{jar.name}.sha1").write_text(hashlib.sha1(jar.read_bytes()).hexdigest())
        (place / f"{name}-{VERSION}.pom").write_text(POM.format(name=name, version=VERSION))
    (root / "com" / "hazelcast" / "hazelcast" / "maven-metadata.xml").write_text(METADATA)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    use_repository(tmp_path, monkeypatch, server.server_address[1])
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


def same_device(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def use_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    settings = tmp_path / "jgo.conf"
    settings.write_text(f"[repositories]\ncentral = http://127.0.0.1:{port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.delenv(JARS_VARIABLE, raising=False)


def names(paths: tuple[Path, ...]) -> set[str]:
    return {path.name for path in paths}


@pytest.mark.usefixtures("mirror")
def test_jars_are_downloaded_whole_and_nothing_else_is_left(empty_cache: Path, real_jars: tuple[Path, ...]) -> None:
    found = find_jars(VERSION)
    assert names(found.paths) == names(real_jars)
    assert all(path.parent == empty_cache / VERSION for path in found.paths)
    assert [path.name for path in empty_cache.iterdir()] == [VERSION]


def test_a_second_start_needs_no_repository(mirror: Path, empty_cache: Path) -> None:
    first = find_jars(VERSION)
    shutil.rmtree(mirror)
    assert find_jars(VERSION) == first


def test_a_jar_that_is_not_what_was_published_is_refused(mirror: Path, empty_cache: Path) -> None:
    published = next(mirror.rglob("hazelcast-sql-*.jar.sha1"))
    published.write_text("0" * 40 + "  hazelcast-sql.jar\n")
    with pytest.raises(LocalClusterError, match=r"hazelcast-sql-5.7.0.jar is not what its repository published"):
        find_jars(VERSION)
    assert list(empty_cache.iterdir()) == []


@pytest.mark.usefixtures("mirror")
def test_a_jar_that_changed_in_the_cache_is_downloaded_again(empty_cache: Path) -> None:
    jar = find_jars(VERSION).paths[0]
    good = jar.read_bytes()
    jar.write_bytes(good[:-1])
    assert find_jars(VERSION).paths[0].read_bytes() == good
    assert [path.name for path in empty_cache.iterdir()] == [VERSION]


@pytest.mark.usefixtures("mirror")
def test_processes_that_download_at_the_same_time_agree(empty_cache: Path) -> None:
    script = f"from hzdata.local.jars import find_jars; print(*find_jars({VERSION!r}).paths)"
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(3)]
    answers = {process.communicate()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(answers) == 1
    assert [path.name for path in empty_cache.iterdir()] == [VERSION]


@pytest.mark.usefixtures("mirror", "empty_cache")
def test_a_version_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(LocalClusterError, match=r"5\.7\.9 is no community release: pass version='5.7.0' \(5.6.0 exist"):
        find_jars("5.7.9")


@pytest.mark.usefixtures("empty_cache", "offline")
def test_no_network_and_an_empty_cache_is_told() -> None:
    with pytest.raises(LocalClusterError, match=r"not in the cache, .*could not be downloaded .*HZDATA_JARS"):
        LocalCluster(version=VERSION)


@pytest.mark.usefixtures("empty_cache")
def test_a_repository_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_TIMEOUT_SECONDS", 60)
    monkeypatch.setattr(jars, "_STALL_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_repository(tmp_path, monkeypatch, silent.getsockname()[1])
        with pytest.raises(LocalClusterError, match=r"nothing came for"):
            find_jars(VERSION)


@pytest.mark.usefixtures("offline", "real_jars")
def test_a_member_boots_offline_when_its_jars_are_in_the_cache() -> None:
    with LocalCluster(version=VERSION, jvm_args=QUICK_START) as cluster:
        assert "5.7.0 (cache)" in repr(cluster)


@pytest.mark.usefixtures("offline", "empty_cache")
def test_a_directory_of_jars_is_used_as_it_is(
    real_jars: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(JARS_VARIABLE, str(real_jars[0].parent))
    # Neither jgo nor a cache directory is needed then.
    monkeypatch.setitem(sys.modules, "jgo", None)
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with LocalCluster(version=VERSION, jvm_args=QUICK_START) as cluster:
        assert "5.7.0 (HZDATA_JARS)" in repr(cluster)
    assert not (tmp_path / "cache").exists()


def test_a_directory_without_a_member_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "other.jar").write_bytes(b"PK")
    monkeypatch.setenv(JARS_VARIABLE, str(tmp_path))
    with pytest.raises(LocalClusterError, match=r"HZDATA_JARS=.* is no directory with a Hazelcast jar: put"):
        find_jars(VERSION)


def test_a_directory_with_another_version_than_asked_for_is_refused(
    real_jars: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(JARS_VARIABLE, str(real_jars[0].parent))
    with pytest.raises(LocalClusterError, match=r"holds Hazelcast 5.7.0, not 5.4.0: unset it, or pass version='5.7.0'"):
        find_jars("5.4.0")


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("module", ["platformdirs", "jgo"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.setitem(sys.modules, loaded, None)
    monkeypatch.setitem(sys.modules, module, None)
    # Loaded by an earlier test, it would not look for jgo again.
    monkeypatch.delitem(sys.modules, "hzdata.local.repository", raising=False)
    monkeypatch.delattr("hzdata.local.repository", raising=False)
    monkeypatch.delenv(JARS_VARIABLE, raising=False)
    with pytest.raises(LocalClusterError, match=rf"needs the package {module}: pip install 'hzdata\[local\]'"):
        find_jars(VERSION)


def test_a_cache_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.delenv(JARS_VARIABLE, raising=False)
    with pytest.raises(LocalClusterError, match=r"cannot be made .*: set XDG_CACHE_HOME"):
        find_jars(VERSION)
