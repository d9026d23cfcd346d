"""Partitions: which there are, who owns them, which a key belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from .errors import ClientOfflineError
from .future import Future, ImmediateFuture
from .serialization.hashing import partition_of
from .serialization.service import SerializationService


class PartitionTable:
    """The owner of each partition, as the cluster last told it. Replaced whole at a change, so readers need no lock."""

    def __init__(self) -> None:
        self.count = 0
        self.version: int | None = None
        self._owners: dict[int, UUID] = {}

    def owner(self, partition_id: int) -> UUID | None:
        return self._owners.get(partition_id)

    def update(self, version: int, partitions: list[tuple[UUID, list[int]]]) -> bool:
        """Take a newer table; an older or empty one is left. True when it was taken."""
        if not partitions or (self.version is not None and version <= self.version):
            return False
        self._owners = {partition_id: uuid for uuid, owned in partitions for partition_id in owned}
        self.version = version
        return True

    def is_assigned(self) -> bool:
        """Whether every partition has an owner; those of a fresh cluster have none until someone needs them."""
        return self.count > 0 and len(self._owners) >= self.count

    def start_over(self) -> None:
        """The next table comes from another member, which counts its tables on its own: any of them is newer."""
        self.version = None

    def forget(self) -> None:
        """The client is with another cluster now."""
        self._owners = {}
        self.start_over()


class PartitionService:
    """Tells which partition a key belongs to and who owns it.

    Examples
    --------
    >>> partitions = client.partition_service
    """

    def __init__(
        self,
        internal_partition_service: PartitionTable,
        serialization_service: SerializationService,
        send_schema_and_retry_fn: Callable[[Callable[[], Future[int]]], Future[int]],
    ) -> None:
        self._table = internal_partition_service
        self._serialization = serialization_service
        self._with_schemas = send_schema_and_retry_fn

    def get_partition_owner(self, partition_id: int) -> UUID | None:
        """Return the uuid of the member that owns a partition, or None when it has no owner yet.

        Examples
        --------
        >>> partitions.get_partition_owner(59) in {member.uuid for member in client.cluster_service.get_members()}
        True
        """
        return self._table.owner(partition_id)

    def get_partition_id(self, key: Any) -> int:
        """Return the partition that ``key`` belongs to.

        Raises
        ------
        AssertionError
            When the key is None.
        ClientOfflineError
            Before the client was ever connected: how many partitions there are is not known yet.

        Examples
        --------
        >>> partitions.get_partition_id("Ada")
        59
        """
        return self.partition_of(key).result()

    def partition_of(self, key: Any) -> Future[int]:
        """As ``get_partition_id``, for who does not wait."""
        return self._with_schemas(lambda: ImmediateFuture(self._partition_of(key)))

    def _partition_of(self, key: Any) -> int:
        data = self._serialization.to_data(key)
        if data is None:
            raise AssertionError("The key cannot be None")
        if not self._table.count:
            raise ClientOfflineError("the partition of a key is known once the client was connected")
        return partition_of(data, self._table.count)

    def get_partition_count(self) -> int:
        """Return how many partitions the cluster has; 0 before the client was ever connected.

        Examples
        --------
        >>> partitions.get_partition_count()
        271
        """
        return self._table.count


def string_partition_strategy(key: str | None) -> str | None:
    """Return the part of a name that decides its partition: what follows the first ``@``, or all of it.

    Examples
    --------
    >>> string_partition_strategy("orders@customer-7")
    'customer-7'
    """
    return None if key is None else key.split("@", 1)[-1]
