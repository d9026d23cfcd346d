"""Transactions: operations on several structures that take effect together, or not at all."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from .context import Context
from .errors import TransactionError
from .future import Future, ImmediateFuture
from .network.connection import Connection
from .network.invocation import Invocation
from .protocol.messages import message
from .proxy import transactional
from .util import thread_id, to_millis

TWO_PHASE = 1
"""Members prepare first, so that a commit whose member dies in the middle is completed by another."""
ONE_PHASE = 2
"""Faster, but a member that dies in the middle of a commit leaves a part of it."""

# Members number them otherwise.
_ON_MEMBERS = {ONE_PHASE: 1, TWO_PHASE: 2}

_NOT_STARTED, _ACTIVE, _COMMITTED = "not_started", "active", "committed"
_PARTIAL_COMMIT, _ROLLED_BACK = "rolling_back", "rolled_back"

# Seconds that a rollback waits for what was interrupted.
_PATIENCE = 1.0

_of_thread = threading.local()
_Structure = TypeVar("_Structure", bound=transactional.TransactionalProxy)


class TransactionManager:
    """Makes transactions.

    Examples
    --------
    >>> manager = TransactionManager(client.get_map("stock")._context)
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def new_transaction(self, timeout: float, durability: int, transaction_type: int) -> Transaction:
        """Return a transaction that has not begun; parameters as of ``HazelcastClient.new_transaction``.

        Examples
        --------
        >>> manager.new_transaction(timeout=10, durability=1, transaction_type=ONE_PHASE).state
        'not_started'
        """
        return Transaction(self._context, None, timeout, durability, transaction_type)


class Transaction:
    """Operations on several structures that take effect together. ``client.new_transaction()`` makes one.

    It belongs to the thread that began it. As a context manager it begins at the start of the block, is committed at
    its end, and rolled back if it ends with an error.

    Attributes
    ----------
    state : str
        ``not_started``, ``active``, ``committed``, ``rolled_back``, or ``rolling_back`` after a commit that failed.
    id : uuid.UUID or None
    start_time : float or None
        Seconds since the epoch.
    thread_id : int or None

    Examples
    --------
    >>> with client.new_transaction(timeout=10) as transaction:
    ...     transaction.get_map("stock").put("apples", 3)
    ...     transaction.get_queue("orders").offer("apples")
    True
    """

    state = _NOT_STARTED
    id: UUID | None = None
    start_time: float | None = None
    thread_id: int | None = None
    asked: Future[Any] = ImmediateFuture(None)  # What was asked last within it.

    def __init__(
        self, context: Context, connection: Connection | None, timeout: float, durability: int, transaction_type: int
    ) -> None:
        self.context = context
        self._timeout = timeout
        self._durability = durability
        self._type = _ON_MEMBERS.get(transaction_type, transaction_type)
        self._structures: dict[tuple[type, str], Any] = {}
        # Of the member that coordinates it: all requests of the transaction go there. None: of the one that begins it.
        self.connection = connection

    def begin(self) -> None:
        """Begin.

        Raises
        ------
        TransactionError
            When this thread has a transaction already, or this one was begun before.
        HazelcastError
            When there is no cluster within ``invocation_timeout``, or the client was shut down: as any call does.

        Examples
        --------
        >>> transaction = client.new_transaction()
        >>> transaction.begin()
        >>> transaction.state
        'active'
        """
        if getattr(_of_thread, "active", False):
            raise TransactionError("Nested transactions are not allowed.")
        if self.state != _NOT_STARTED:
            raise TransactionError("Transaction has already been started.")
        self.start_time = time.time()
        self.thread_id = thread_id()
        creation = self._invoke("create", to_millis(self._timeout), self._durability, self._type, self.thread_id)
        self.id = creation.result()
        self.connection = creation.sent_on
        _of_thread.active = True
        self.state = _ACTIVE

    def commit(self) -> None:
        """Let all operations take effect.

        Raises
        ------
        TransactionError
            When it is not active, of another thread, or its time is over.

        Examples
        --------
        >>> transaction.commit()
        >>> transaction.state
        'committed'
        """
        self._check(_ACTIVE)
        self.state = _PARTIAL_COMMIT
        try:
            if time.time() - (self.start_time or 0) > self._timeout:
                raise TransactionError("Transaction has timed out.")
            self.asked = self._invoke("commit", self.id, self.thread_id)
            self.asked.result()
            self.state = _COMMITTED
        except BaseException:
            # Or what it has taken is kept from all others for as long as the client is connected.
            self._roll_back().exception()
            raise
        finally:
            for _, name in self._structures:
                self.context.near_caches.drop(name)
            _of_thread.active = False

    def rollback(self) -> None:
        """Let no operation take effect.

        Raises
        ------
        TransactionError
            When it is not active, or of another thread.

        Examples
        --------
        >>> transaction = client.new_transaction()
        >>> transaction.begin()
        >>> transaction.rollback()
        >>> transaction.state
        'rolled_back'
        """
        self._check(_ACTIVE, _PARTIAL_COMMIT)
        try:
            if self.state != _PARTIAL_COMMIT:
                self._roll_back().result()
            self.state = _ROLLED_BACK
        finally:
            _of_thread.active = False

    def get_list(self, name: str) -> transactional.TransactionalList:
        """Return the list of that name, as it is within the transaction.

        Examples
        --------
        >>> with client.new_transaction() as transaction:
        ...     transaction.get_list("tx-list").add("boil")
        True
        """
        return self._structure(transactional.TransactionalList, name)

    def get_map(self, name: str) -> transactional.TransactionalMap:
        """Return the map of that name, as it is within the transaction."""
        return self._structure(transactional.TransactionalMap, name)

    def get_multi_map(self, name: str) -> transactional.TransactionalMultiMap:
        """Return the multi-map of that name, as it is within the transaction.

        Examples
        --------
        >>> with client.new_transaction() as transaction:
        ...     transaction.get_multi_map("tx-multi_map").put("post-1", "sql")
        True
        """
        return self._structure(transactional.TransactionalMultiMap, name)

    def get_queue(self, name: str) -> transactional.TransactionalQueue:
        """Return the queue of that name, as it is within the transaction."""
        return self._structure(transactional.TransactionalQueue, name)

    def get_set(self, name: str) -> transactional.TransactionalSet:
        """Return the set of that name, as it is within the transaction.

        Examples
        --------
        >>> with client.new_transaction() as transaction:
        ...     transaction.get_set("tx-set").add("a")
        True
        """
        return self._structure(transactional.TransactionalSet, name)

    def _structure(self, kind: type[_Structure], name: str) -> _Structure:
        if self.state != _ACTIVE:
            raise TransactionError("Transaction is not in active state.")
        self.check_thread()
        known: _Structure = self._structures.setdefault((kind, name), kind(name, self, self.context))
        return known

    def check_thread(self) -> None:
        """Refuse any thread but the one that began the transaction."""
        if thread_id() != self.thread_id:
            raise TransactionError("Transaction cannot span multiple threads.")

    def _check(self, *states: str) -> None:
        if self.state not in states:
            raise TransactionError("Transaction is not active.")
        self.check_thread()

    def _roll_back(self) -> Invocation:
        # After an interrupt the member may be at it still, and what it takes then nobody gives back.
        with suppress(Exception):
            self.asked.result(_PATIENCE)
        return self._invoke("rollback", self.id, self.thread_id)

    def _invoke(self, method: str, *parameters: Any) -> Invocation:
        row = message(f"Transaction.{method}")
        return self.context.invocations.invoke(row, *parameters, connection=self.connection)

    def __enter__(self) -> Transaction:
        self.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None and self.state == _ACTIVE:
            self.commit()
        elif self.state in (_ACTIVE, _PARTIAL_COMMIT):
            self.rollback()
