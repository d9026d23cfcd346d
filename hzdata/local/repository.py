"""Maven repositories, through jgo: which jars a version consists of, and fetching them.

Imported when there is something to fetch: it needs jgo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from .download import DownloadError, MissingError, download
from .errors import LocalClusterError
from .versions import GROUP, Version

__all__ = ["FetchedJar", "fetch"]

_SUGGESTIONS = 3


@dataclass(frozen=True)
class FetchedJar:
    """A jar as it was downloaded and the SHA-1 that its repository publishes for it."""

    path: Path
    published_sha1: str


def fetch(version: Version, directory: Path) -> list[FetchedJar]:
    """Download the jars of ``version``, dependencies included, below ``directory``.

    They come from the central repository, unless jgo's settings put a mirror in its place (``central``), and from
    those that the settings name beside it.

    Raises
    ------
    LocalClusterError
        When the version does not exist or the repository is out of reach.
    """
    repositories = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}
    resolver = _Resolver()
    context = MavenContext(resolver=resolver, repo_cache=directory, remote_repos=repositories)
    try:
        dependencies = [context.create_dependency(f"{GROUP}:{name}:{version}") for name in version.artifacts]
        direct, transitive = resolver.resolve(dependencies)
        if resolver.failure is not None:
            raise resolver.failure
        needed = [*direct, *(dep for dep in transitive if dep.scope in ("compile", "runtime"))]
        return [_fetched(dependency.artifact) for dependency in needed]
    except MissingError as error:
        raise _missing(version, repositories, directory, str(error)) from None
    except DownloadError as error:
        raise _out_of_reach(version, str(error)) from None


class _Resolver(PythonResolver):
    """jgo's resolver with our download: whole files or an exception.

    Attributes
    ----------
    failure : DownloadError or None
        The first failure. jgo goes on without a dependency whose description it cannot get; we do not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failure: DownloadError | None = None

    def download(self, artifact: Any) -> Path:
        path: Path = artifact.cached_path
        failure: DownloadError | None = None
        for base in artifact.context.remote_repos.values():
            try:
                download(f"{base}/{artifact.component.path_prefix.as_posix()}/{artifact.filename}", path)
                return path
            except DownloadError as error:
                path.unlink(missing_ok=True)
                # A repository out of reach says more than one without the file.
                if failure is None or isinstance(failure, MissingError):
                    failure = error
        assert failure is not None
        self.failure = self.failure or failure
        raise failure


def _fetched(artifact: Any) -> FetchedJar:
    path = Path(artifact.resolve())
    checksum = artifact.component.artifact(packaging=f"{artifact.packaging}.sha1").resolve()
    # Bare, or "checksum  file name".
    return FetchedJar(path, Path(checksum).read_text().split()[0].lower())


def _missing(version: Version, repositories: dict[str, str], directory: Path, reason: str) -> LocalClusterError:
    """Tell a version that does not exist from a repository that lacks a part of it."""
    index = directory / "maven-metadata.xml"
    releases: set[str] = set()
    for base in repositories.values():
        try:
            download(f"{base}/{GROUP.replace('.', '/')}/{version.artifacts[0]}/maven-metadata.xml", index)
        except DownloadError:
            continue
        releases.update(re.findall(r"<version>(\d+\.\d+\.\d+)</version>", index.read_text()))
    if not releases or version.text in releases:
        return _out_of_reach(version, reason)
    nearest = sorted(releases, key=version.distance)[:_SUGGESTIONS]
    others = f" ({', '.join(nearest[1:])} exist too)" if nearest[1:] else ""
    return LocalClusterError(f"Hazelcast {version} is no community release: pass version={nearest[0]!r}{others}.")


def _out_of_reach(version: Version, reason: str) -> LocalClusterError:
    return LocalClusterError(
        f"Hazelcast {version} is not in the cache, or damaged there, and could not be downloaded ({reason}): connect "
        "to the network once (HTTPS_PROXY and SSL_CERT_FILE are obeyed), or set HZDATA_JARS to a directory that holds "
        "the jars."
    )
