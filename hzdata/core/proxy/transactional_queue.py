"""The module that the documentation puts ``TransactionalQueue`` in."""

from .transactional import TransactionalQueue as TransactionalQueue
