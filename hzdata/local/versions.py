"""What a Hazelcast version is made of and can do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import LocalClusterError

__all__ = ["DEFAULT_VERSION", "GROUP", "Version"]

DEFAULT_VERSION = "5.7.0"
GROUP = "com.hazelcast"

OLDEST = (4, 0)
# From this version on (newest first): the Maven artifacts that a member is made of.
ARTIFACTS: tuple[tuple[tuple[int, int], tuple[str, ...]], ...] = (
    ((5, 0), ("hazelcast", "hazelcast-sql")),
    ((4, 1), ("hazelcast-all",)),
    ((4, 0), ("hazelcast",)),
)
JET_SINCE = (5, 0)
# Later community members refuse the CP Subsystem: it became part of the enterprise edition.
CP_BEFORE = (5, 5)
NEWEST_WITH_CP = "5.4.0"

_PATTERN = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?([-.]\w[\w.-]*)?")


@dataclass(frozen=True)
class Version:
    """A Hazelcast release, such as 5.7.0."""

    text: str
    series: tuple[int, int]

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``"5.7.0"``.

        Raises
        ------
        LocalClusterError
            When it is no version, or one older than the client protocol 2 (4.0).
        """
        match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
        if match is None or match[3] is None:
            raise LocalClusterError(
                f"version={text!r} is no Hazelcast version: pass three numbers, as in version={DEFAULT_VERSION!r}."
            )
        series = (int(match[1]), int(match[2]))
        if series < OLDEST:
            raise LocalClusterError(
                f"Hazelcast {text} speaks an older client protocol: pass a version from 4.0 on, "
                f"as in version={DEFAULT_VERSION!r}."
            )
        return cls(text, series)

    @property
    def artifacts(self) -> tuple[str, ...]:
        return next(names for since, names in ARTIFACTS if self.series >= since)

    @property
    def has_jet(self) -> bool:
        return self.series >= JET_SINCE

    @property
    def has_cp(self) -> bool:
        """Whether community members of this version have the CP Subsystem."""
        return self.series < CP_BEFORE

    def distance(self, other: str) -> tuple[int, ...]:
        """Return how far the version ``other`` is from this one, to sort by."""
        return tuple(abs(a - b) for a, b in zip(_numbers(self.text), _numbers(other), strict=False))

    def __str__(self) -> str:
        return self.text


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))
