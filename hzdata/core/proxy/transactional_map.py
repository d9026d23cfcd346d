"""The module that the documentation puts ``TransactionalMap`` in."""

from .transactional import TransactionalMap as TransactionalMap
