"""The module that the documentation puts ``TransactionalQueue`` in."""

from .transactional import TransactionalQueue

__all__ = ["TransactionalQueue"]
