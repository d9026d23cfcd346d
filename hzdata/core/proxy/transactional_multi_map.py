"""The module that the documentation puts ``TransactionalMultiMap`` in."""

from .transactional import TransactionalMultiMap as TransactionalMultiMap
