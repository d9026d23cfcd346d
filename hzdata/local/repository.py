"""Maven repositories, through jgo: which jars a version consists of, and fetching them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import LocalClusterError
from .versions import GROUP, Version

__all__ = ["FetchedJar", "Repository"]

_TIMEOUT_SECONDS = 10
_WORTH_A_BAR = 1_000_000
_SUGGESTIONS = 3


@dataclass(frozen=True)
class FetchedJar:
    """A jar as it was downloaded and the SHA-1 that its repository publishes for it."""

    path: Path
    published_sha1: str


class Repository:
    """The remote repositories that jgo is set up for: the central one, unless the user put a mirror in its place, and
    the user's own.
    """

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls

    @classmethod
    def of_the_user(cls) -> Repository:
        """Read jgo's settings. Raises ImportError when jgo is not installed."""
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL

        return cls({"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories})

    def fetch(self, version: Version, directory: Path) -> list[FetchedJar]:
        """Download the jars of ``version``, dependencies included, below ``directory``.

        Raises
        ------
        LocalClusterError
            When the version does not exist or the repository is out of reach.
        """
        import requests
        from jgo.maven import MavenContext, PythonResolver

        context = MavenContext(
            resolver=PythonResolver(progress_callback=_progress_bar),
            repo_cache=directory,
            remote_repos=self._urls,
            timeout=_TIMEOUT_SECONDS,
        )
        try:
            dependencies = [context.create_dependency(f"{GROUP}:{name}:{version}") for name in version.artifacts]
            direct, transitive = context.resolver.resolve(dependencies)
            needed = [*direct, *(dep for dep in transitive if dep.scope in ("compile", "runtime"))]
            return [_fetched(dependency.artifact) for dependency in needed]
        except requests.RequestException as error:
            raise _out_of_reach(version, type(error).__name__) from error
        except RuntimeError as error:
            # What jgo raises for any answer but 200.
            raise _refused(context, version, str(error)) from error


def _fetched(artifact: Any) -> FetchedJar:
    path = Path(artifact.resolve())
    checksum = artifact.component.artifact(packaging=f"{artifact.packaging}.sha1").resolve()
    # Bare, or "checksum  file name".
    return FetchedJar(path, Path(checksum).read_text().split()[0].lower())


def _refused(context: Any, version: Version, reason: str) -> LocalClusterError:
    """Tell a version that does not exist from a repository that answers oddly."""
    project = context.project(GROUP, version.artifacts[0])
    project.update()
    releases = [component.version for component in project.versions()]
    if not releases:
        return _out_of_reach(version, reason)
    if version.text in releases:
        return LocalClusterError(f"Hazelcast {version} could not be downloaded: {reason}. Try again later.")
    nearest = _nearest(version, releases)
    return LocalClusterError(
        f"Hazelcast {version} is no community release: pass version={nearest[0]!r}"
        + (f" ({', '.join(nearest[1:])} exist too)." if nearest[1:] else ".")
    )


def _nearest(version: Version, releases: list[str]) -> list[str]:
    """Return the releases that look most like ``version``, the most alike first."""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split(".") if part.isdigit())

    def distance(release: str) -> tuple[int, ...]:
        return tuple(abs(a - b) for a, b in zip(numbers(release), numbers(version.text), strict=False))

    plain = [release for release in releases if len(numbers(release)) == 3 and release.count(".") == 2]
    return sorted(plain, key=distance)[:_SUGGESTIONS] or releases[-1:]


def _out_of_reach(version: Version, reason: str) -> LocalClusterError:
    return LocalClusterError(
        f"Hazelcast {version} is not in the cache and could not be downloaded ({reason}): connect to the network once "
        "(HTTPS_PROXY is obeyed), or set HZDATA_JARS to a directory that holds the jars."
    )


@contextmanager
def _progress_bar(filename: str, size: int) -> Iterator[Callable[[int], None]]:
    if size < _WORTH_A_BAR:
        yield lambda _: None
        return
    from tqdm.auto import tqdm

    # disable=None: no bar where there is neither a terminal nor a notebook.
    with tqdm(total=size, unit="B", unit_scale=True, desc=filename, leave=False, disable=None) as bar:

        def update(size: int) -> None:
            bar.update(size)

        yield update
