"""The module that the documentation puts ``TransactionalSet`` in."""

from .transactional import TransactionalSet as TransactionalSet
