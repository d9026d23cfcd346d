"""What vector collections hold and find: documents with vectors, indexes, results of searches."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any


class Type(enum.IntEnum):
    """How a vector is given.

    Examples
    --------
    >>> Vector("", Type.DENSE, [0.3, 0.9]).type is VectorType.DENSE
    True
    """

    DENSE = 0
    """By all of its numbers."""


VectorType = Type


@dataclass
class Vector:
    """A vector of a document, for the index of that name; ``""`` for the only one.

    Examples
    --------
    >>> Vector("by colour", Type.DENSE, [0.3, 0.9]) == VectorPair("by colour", Type.DENSE, [0.3, 0.9])
    True
    """

    name: str
    type: Type
    vector: list[float]


VectorPair = Vector


class Document:
    """A value, and the vectors that it is found by: one ``Vector``, or a list.

    Examples
    --------
    >>> novel = Document("a novel", Vector("", Type.DENSE, [0.3, 0.9]))
    >>> novel.vector.vector, len(novel.vectors), novel == VectorDocument("a novel", novel.vectors)
    ([0.3, 0.9], 1, True)
    """

    def __init__(self, value: Any, vectors: Vector | list[Vector]) -> None:
        self.value = value
        self.vectors = [vectors] if isinstance(vectors, Vector) else vectors

    @property
    def vector(self) -> Vector | None:
        """The first of the vectors; None when there is none."""
        return self.vectors[0] if self.vectors else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and (self.value, self.vectors) == (other.value, other.vectors)

    def __repr__(self) -> str:
        return f"Document<value={self.value}, vectors={self.vectors}>"


VectorDocument = Document


@dataclass
class SearchResult:
    """A document that was found. The score is from 0 to 1, and greater the nearer it is to what was looked for.

    The value and the vectors are None when the search was to leave them out.

    Examples
    --------
    >>> found = [SearchResult("1984", "a novel", 0.9, []), VectorSearchResult("Emma", "a novel", 0.4, [])]
    >>> [result.key for result in found if result.score > 0.5]
    ['1984']
    """

    key: Any
    value: Any
    score: float
    vectors: list[Vector] | None


VectorSearchResult = SearchResult


class Metric(enum.IntEnum):
    """What nearness is.

    Examples
    --------
    >>> IndexConfig("", Metric.COSINE, dimension=2).metric.name
    'COSINE'
    """

    EUCLIDEAN = 0
    COSINE = 1
    DOT = 2


@dataclass
class IndexConfig:
    """An index of vectors: its name, what nearness is, and how long vectors are.

    ``max_degree`` is how many neighbours of each are kept at most, ``ef_construction`` how many are looked at to find
    them; ``use_deduplication`` keeps equal vectors once.

    Examples
    --------
    >>> VectorIndexConfig("by colour", Metric.EUCLIDEAN, dimension=2).max_degree
    32
    """

    name: str
    metric: Metric
    dimension: int
    max_degree: int = 32
    ef_construction: int = 100
    use_deduplication: bool = True


VectorIndexConfig = IndexConfig


@dataclass
class VectorSearchOptions:
    """What a search returns, how much, and hints for it.

    Examples
    --------
    >>> VectorSearchOptions(include_value=True, include_vectors=False, limit=10).hints
    {}
    """

    include_value: bool
    include_vectors: bool
    limit: int
    hints: dict[str, str] = field(default_factory=dict)
