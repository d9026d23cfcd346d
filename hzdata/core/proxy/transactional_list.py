"""The module that the documentation puts ``TransactionalList`` in."""

from .transactional import TransactionalList as TransactionalList
