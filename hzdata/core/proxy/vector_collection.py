"""The vector collection: documents that are found by the nearness of their vectors. Members offer it by licence."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..future import Future
from ..util import check_not_none, check_true
from ..vector import Document, SearchResult, Vector, VectorSearchOptions
from .base import Proxy, operation


class VectorCollection(Proxy, service="hz:service:vector"):
    """Documents by key, which are found by the nearness of their vectors.

    Configure it first, with ``client.create_vector_collection_config``.

    Examples
    --------
    >>> from hzdata.core.vector import Document, Type, Vector
    >>> novel = Document("a novel", Vector("", Type.DENSE, [0.3, 0.9]))
    >>> books = client.get_vector_collection("books").blocking()  # doctest: +SKIP
    """

    def get(self, key: Any) -> Future[Document | None]:
        """Return the document of ``key``, or None.

        Examples
        --------
        >>> books.get("1984") is None  # doctest: +SKIP
        True
        """
        return self._one("get", key)

    def set(self, key: Any, document: Document) -> Future[None]:
        """Set the document of ``key``.

        Examples
        --------
        >>> books.set("1984", novel)  # doctest: +SKIP
        """
        return self._store("set", key, document)

    def put(self, key: Any, document: Document) -> Future[Document | None]:
        """Set the document of ``key`` and return the one before, or None.

        Examples
        --------
        >>> books.put("1984", novel).value  # doctest: +SKIP
        'a novel'
        """
        return self._store("put", key, document)

    def put_if_absent(self, key: Any, document: Document) -> Future[Document | None]:
        """Set the document of ``key`` when it has none; return the one it has, or None when it was set.

        Examples
        --------
        >>> books.put_if_absent("1984", novel).value  # doctest: +SKIP
        'a novel'
        """
        return self._store("putIfAbsent", key, document)

    @operation
    def put_all(self, map: Mapping[Any, Document]) -> Future[None]:
        """Set the documents of many keys.

        Examples
        --------
        >>> books.put_all({"Emma": novel, "Ulysses": novel})  # doctest: +SKIP
        """
        check_not_none(map, "The map cannot be None")
        return self._put_by_partition(self._keys(map), [self._holder(document) for document in map.values()])

    def remove(self, key: Any) -> Future[Document | None]:
        """Remove the document of ``key`` and return it, or None.

        Examples
        --------
        >>> books.remove("Emma").value  # doctest: +SKIP
        'a novel'
        """
        return self._one("remove", key)

    def delete(self, key: Any) -> Future[None]:
        """As ``remove``, without sending the document back.

        Examples
        --------
        >>> books.delete("Ulysses")  # doctest: +SKIP
        """
        return self._ask("delete", key)

    def search_near_vector(
        self,
        vector: Vector,
        *,
        include_value: bool = False,
        include_vectors: bool = False,
        limit: int = 10,
        hints: dict[str, str] | None = None,
    ) -> Future[list[SearchResult]]:
        """Return the documents nearest to a vector, nearest first.

        Parameters
        ----------
        vector
            What is looked for, in the index of its name.
        include_value, include_vectors
            Whether results carry them.
        limit
            How many, at most.
        hints
            For the search, such as ``{"efSearch": "64"}``.

        Examples
        --------
        >>> books.search_near_vector(Vector("", Type.DENSE, [0.2, 0.9]), limit=1)[0].key  # doctest: +SKIP
        '1984'
        """
        check_not_none(vector, "vector can't be None")
        check_true(limit > 0, "limit must be positive")
        options = VectorSearchOptions(include_value, include_vectors, limit, hints or {})

        def result(found: SearchResult) -> SearchResult:
            return replace(found, key=self._to_object(found.key), value=self._to_object(found.value))

        return self._ask("searchNearVector", [vector], options).map(lambda answer: list(map(result, answer or ())))

    def optimize(self, index_name: str | None = None) -> Future[None]:
        """Let an index, or the only one, forget what was removed. This may take long.

        Examples
        --------
        >>> books.optimize()  # doctest: +SKIP
        """
        # By this id a request that is sent again after a failure is known to be the same.
        return self._ask("optimize", index_name, uuid.uuid4())

    def clear(self) -> Future[None]:
        """Remove all documents.

        Examples
        --------
        >>> books.clear()  # doctest: +SKIP
        """
        return self._ask("clear")

    def size(self) -> Future[int]:
        """Return the number of documents.

        Examples
        --------
        >>> books.size()  # doctest: +SKIP
        0
        """
        return self._ask("size")

    @operation
    def _store(self, method: str, key: Any, document: Document) -> Future[Any]:
        return self._one(method, key, self._holder(document))

    def _one(self, method: str, key: Any, *holder: Document) -> Future[Document | None]:
        return self._ask(method, key, *holder).map(
            lambda found: None if found is None else Document(self._to_object(found.value), found.vectors)
        )

    def _holder(self, document: Document) -> Document:
        check_not_none(document, "document can't be None")
        return Document(self._value(document.value), document.vectors)
