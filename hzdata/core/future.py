"""The result of an operation that is under way: waited for, called back from, or awaited.

A future is completed on the client's I/O thread with an answer that is not decoded yet. Whoever wants the value decodes
it, on its own thread: the one in ``result()``, the event loop of an ``await``, or the dispatcher that runs callbacks.
When the value is of a Compact schema that the client does not know, that thread has it fetched and decodes again.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import weakref
from _thread import TIMEOUT_MAX, RLock, allocate_lock
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

from .dispatch import Dispatcher, this_thread

T = TypeVar("T")
U = TypeVar("U")


class Incomplete(Exception):
    """Raised by a decoder that lacks something: it can be called again when ``fetch()`` has completed."""

    def __init__(self, fetch: Callable[[], Future[Any]]) -> None:
        super().__init__("the value cannot be decoded yet")
        self.fetch = fetch

    def when_fetched(self, go_on: Callable[[], object], give_up: Callable[[BaseException], object]) -> None:
        """Fetch it; call ``go_on()``, or ``give_up(error)`` when it cannot be had: asking again would be for ever."""
        fetched = self.fetch()
        fetched.when_done(lambda: go_on() if fetched._error is None else give_up(fetched._error))


# Runs the callbacks of futures that belong to no client, when the I/O thread of one completes them.
_shared_dispatcher = Dispatcher("hz-future")


class _Waiters:
    """Wakes who awaits something on an event loop: all at once that are due, as telling a loop is a system call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = weakref.ref(loop)
        self._due: deque[asyncio.Future[None]] = deque()
        self._told = False

    def wake(self, waiter: asyncio.Future[None]) -> None:
        """From any thread."""
        self._due.append(waiter)
        loop = self._loop()
        if loop is not None and not self._told:
            self._told = True
            with suppress(RuntimeError):  # It was closed: nobody waits any more.
                loop.call_soon_threadsafe(self._wake_due)

    def _wake_due(self) -> None:
        # In this order: whoever comes in between tells the loop once more.
        self._told = False
        while self._due:
            waiter = self._due.popleft()
            if not waiter.done():
                waiter.set_result(None)


_waiters: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiters] = weakref.WeakKeyDictionary()


class Future(Generic[T]):
    """The result of an operation that may still be under way.

    Examples
    --------
    >>> future = Future()
    >>> future.set_result(42)
    >>> future.result()
    42
    """

    # Of the class, as one is made for each call.
    _done = False
    _undecoded: tuple[Callable[[Any], T], Any] | None = None
    _value: Any = None
    _error: BaseException | None = None
    _traceback: TracebackType | None = None

    def __init__(self, dispatcher: Dispatcher | None = None) -> None:
        self._dispatcher = dispatcher or _shared_dispatcher
        # Appended to by those who want the result and emptied by whoever completes it. No lock: the one appends, then
        # looks at ``_done``; the other sets ``_done``, then empties. One of them sees the other.
        self._callbacks: list[Callable[[], object]] = []

    # --- Completing -----------------------------------------------------------------------------------------------

    def set_result(self, result: T) -> None:
        """Complete with a value."""
        self._value = result
        self._complete()

    def set_exception(self, exception: BaseException, traceback: TracebackType | None = None) -> None:
        """Complete with an error.

        Raises
        ------
        RuntimeError
            When ``exception`` is no exception.

        Examples
        --------
        >>> failed = Future()
        >>> failed.set_exception(ValueError("no"))
        """
        if not isinstance(exception, BaseException):
            raise RuntimeError("Exception must be of BaseException type")
        self._error = exception
        self._traceback = traceback
        self._complete()

    def set_raw(self, raw: Any, decode: Callable[[Any], T]) -> None:
        """Complete with an answer that is decoded by the one who wants it."""
        self._undecoded = (decode, raw)
        self._complete()

    def _complete(self) -> None:
        self._done = True
        if self._callbacks:
            self._drain()

    def _drain(self) -> None:
        callbacks = self._callbacks
        while callbacks:
            try:
                callback = callbacks.pop(0)
            except IndexError:
                return
            callback()

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call ``callback()`` at completion, on the thread that completes: it must be quick and must not block."""
        self._callbacks.append(callback)
        if self._done:
            self._drain()

    # --- Looking ----------------------------------------------------------------------------------------------------

    def done(self) -> bool:
        """Whether the operation has ended, well or not.

        Examples
        --------
        >>> future.done(), Future().done()
        (True, False)
        """
        return self._done

    def running(self) -> bool:
        """Whether the operation is still under way.

        Examples
        --------
        >>> future.running(), Future().running()
        (False, True)
        """
        return not self._done

    def is_success(self) -> bool:
        """Whether the operation has ended well. Waits for nothing.

        Examples
        --------
        >>> future.is_success(), failed.is_success()
        (True, False)
        """
        return self._done and self._failure() is None

    def exception(self) -> BaseException | None:
        """Wait for the end, then return the error, or None.

        Examples
        --------
        >>> future.exception(), failed.exception()
        (None, ValueError('no'))
        """
        self._wait(None)
        return self._failure()

    def traceback(self) -> TracebackType | None:
        """Wait for the end, then return the traceback of the error, or None.

        Examples
        --------
        >>> future.traceback() is None
        True
        """
        error = self.exception()
        return self._traceback or (error.__traceback__ if error is not None else None)

    def _failure(self) -> BaseException | None:
        if self._error is None and self._undecoded is not None:
            try:
                self.result()
            except Incomplete:
                raise
            except Exception as error:
                return error
        return self._error

    # --- Taking the value -------------------------------------------------------------------------------------------

    def result(self, timeout: float | None = None) -> T:
        """Wait for the end and return the value.

        Parameters
        ----------
        timeout
            Seconds to wait at most; None for as long as it takes. A call to a member that is connected and does not
            answer ends when the member has been silent for ``heartbeat_timeout``; ``invocation_timeout`` is how long
            it is then tried again for.

        Raises
        ------
        TimeoutError
            When the time is over.
        RuntimeError
            When the client's I/O thread would wait, for what only it can bring.
        Exception
            The error of the operation.
        """
        if not self._done:
            self._wait(timeout)
        while True:
            try:
                return self._take()
            except Incomplete as incomplete:
                if this_thread.is_io:
                    raise  # To ``then``, which goes on when it is there.
                incomplete.fetch().result(timeout)

    def _take(self) -> T:
        """Return the value, decoding it at the first time; Incomplete when something for that is missing."""
        undecoded = self._undecoded
        if undecoded is not None:
            decode, raw = undecoded
            try:
                self._value = decode(raw)
            except Incomplete:
                raise
            except Exception as error:
                self._error = error
                self._traceback = error.__traceback__
            self._undecoded = None
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)
        value: T = self._value
        return value

    def _wait(self, timeout: float | None) -> None:
        if self._done:
            return
        if this_thread.is_io:
            raise RuntimeError(
                "a future that is not done was waited for on the client's I/O thread, which alone can bring its "
                "result: the client would stand still for ever. Use add_done_callback, or wait on another thread."
            )
        waiter = allocate_lock()
        waiter.acquire()
        self.when_done(waiter.release)
        dispatcher = this_thread.dispatcher
        wait = waiter.acquire if dispatcher is None else functools.partial(dispatcher.wait, waiter)
        if not wait(timeout=-1 if timeout is None else min(max(0.0, timeout), TIMEOUT_MAX)) and not self._done:
            with suppress(ValueError):  # It is about to be called.
                self._callbacks.remove(waiter.release)
            raise TimeoutError(f"the operation has not ended within {timeout} s")

    def __await__(self) -> Generator[Any, None, T]:
        while True:
            if not self._done:
                yield from self._awaited()
            try:
                return self._take()
            except Incomplete as incomplete:
                yield from incomplete.fetch().__await__()

    def _awaited(self) -> Generator[Any, None, None]:
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        waiters = _waiters.get(loop) or _waiters.setdefault(loop, _Waiters(loop))
        self.when_done(functools.partial(waiters.wake, waiter))
        dispatcher = this_thread.dispatcher
        return waiter.__await__() if dispatcher is None else dispatcher.await_aside(waiter)

    # --- Going on ---------------------------------------------------------------------------------------------------

    def add_done_callback(self, callback: Callable[[Future[T]], object]) -> None:
        """Call ``callback(future)`` at completion, on the client's dispatcher thread; its errors are logged.

        When the future is done already, the caller's thread calls it at once; when it belongs to no client, the thread
        that completes it.

        Examples
        --------
        >>> from queue import Queue
        >>> ended = Queue()
        >>> future.add_done_callback(ended.put)
        >>> ended.get(timeout=5) is future
        True
        """
        at_once = self._done or self._dispatcher is _shared_dispatcher

        def on_done() -> None:
            is_clients = this_thread.is_io or this_thread.dispatcher is not None
            run = self._dispatcher.run if at_once and not is_clients else self._dispatcher.submit
            run(lambda: self._call(callback))

        self.when_done(on_done)

    def _call(self, callback: Callable[[Future[T]], object]) -> None:
        try:
            self._take()
        except Incomplete as incomplete:
            again = functools.partial(self._dispatcher.submit, functools.partial(self._call, callback))

            def give_up(error: BaseException) -> None:
                self._error, self._undecoded = error, None
                again()

            incomplete.when_fetched(again, give_up)
            return
        except BaseException:
            pass
        callback(self)

    def continue_with(self, continuation_func: Callable[..., Any], *args: Any) -> Future[Any]:
        """Return the future of ``continuation_func(future, *args)``, called at completion.

        A future that the function returns is waited for; what it raises is the error of the returned future.

        Examples
        --------
        >>> future.continue_with(lambda done, more: done.result() + more, 1).result()
        43
        """
        following: Future[Any] = Future(self._dispatcher)
        self.add_done_callback(lambda done: following._continue(continuation_func, done, *args))
        return following

    def then(self, function: Callable[[Future[T]], Any]) -> Future[Any]:
        """As ``continue_with``, but at once and on the thread that completes: ``function`` must be quick, and must not
        block.

        For the client's own steps, which a slow callback of a user on the dispatcher must not hold up.
        """
        following: Future[Any] = Future(self._dispatcher)
        self.when_done(lambda: following._continue(function, self))
        return following

    def map(self, function: Callable[[T], U]) -> Future[U]:
        """Return the future of ``function(result)``, which is called by the one who wants it, on its own thread."""
        following: Future[U] = Future(self._dispatcher)

        def on_done() -> None:
            if self._error is not None:
                following.set_exception(self._error, self._traceback)
            else:
                following.set_raw(self, lambda done: function(done._take()))

        self.when_done(on_done)
        return following

    def map_error(self, explain: Callable[[Exception], object]) -> Future[T]:
        """Return the future of the same value, or error: the one that ``explain(error)`` raises, if it does."""
        following: Future[T] = Future(self._dispatcher)

        def take(done: Future[T]) -> T:
            try:
                return done._take()
            except Incomplete:
                raise
            except Exception as error:
                explain(error)
                raise

        self.when_done(lambda: following.set_raw(self, take))
        return following

    def _continue(self, function: Callable[..., Any], *args: Any) -> None:
        try:
            value = function(*args)
        except Incomplete as incomplete:
            incomplete.when_fetched(lambda: self._continue(function, *args), self.set_exception)
            return
        except BaseException as error:
            self.set_exception(error, error.__traceback__)
            return
        if isinstance(value, Future):
            value.when_done(lambda: self.follow(value))
        else:
            self.set_result(value)

    def follow(self, other: Future[T]) -> None:
        """Complete as ``other``, which is done, did."""
        if other._error is not None:
            self.set_exception(other._error, other._traceback)
        elif other._undecoded is not None:
            self.set_raw(other, Future._take)
        elif isinstance(other._value, Future):
            other._value.when_done(functools.partial(self.follow, other._value))
        else:
            self.set_result(other._value)

    def __repr__(self) -> str:
        state = "under way" if not self._done else "failed" if self._error is not None else "done"
        return f"<Future {state}>"


class ImmediateFuture(Future[T]):
    """A future that is done.

    Examples
    --------
    >>> ImmediateFuture(42).result()
    42
    """

    def __init__(self, result: T) -> None:
        super().__init__()
        self.set_result(result)


class ImmediateExceptionFuture(Future[Any]):
    """A future that has failed.

    Examples
    --------
    >>> ImmediateExceptionFuture(ValueError("no")).exception()
    ValueError('no')
    """

    def __init__(self, error: BaseException, traceback: TracebackType | None = None) -> None:
        super().__init__()
        self.set_exception(error, traceback)


def once(decode: Callable[[Any], T]) -> Callable[[Any], T]:
    """A decoder that does more than to decode: threads that take its answer at the same time get the same object."""
    lock, decoded = RLock(), list[T]()

    def decode_once(raw: Any) -> T:
        with lock:
            if not decoded:
                decoded.append(decode(raw))
            return decoded[0]

    return decode_once


Steps = Generator[Future[Any], Any, T]


def steps(dispatcher: Dispatcher, generator: Steps[T]) -> Future[T]:
    """Run a generator that yields futures and gets their results, or has their errors raised; return the future of
    what it returns. It goes on on the thread that completes a future: it must be quick, and must not block.
    """
    following: Future[T] = Future(dispatcher)

    def go_on(done: Future[Any]) -> None:
        try:
            error = done.exception()
            waited = generator.send(done.result()) if error is None else generator.throw(error)
        except StopIteration as stop:
            following.set_result(stop.value)
        except Exception as raised:
            following.set_exception(raised)
        else:
            waited.when_done(functools.partial(go_on, waited))

    go_on(ImmediateFuture(None))
    return following


def combine_futures(futures: Iterable[Future[T]]) -> Future[list[T]]:
    """Return the future of the results of all, in their order.

    It completes when all have; the first error in order of time becomes its error.

    Examples
    --------
    >>> squares = client.get_map("squares")
    >>> combine_futures(squares.set(n, n * n) for n in range(3)).result()
    [None, None, None]
    >>> combine_futures(squares.get(n) for n in range(3)).result()
    [0, 1, 4]
    """
    waited = list(futures)
    if not waited:
        return ImmediateFuture([])
    combined: Future[list[T]] = Future(waited[0]._dispatcher)
    # A step of either is one for all threads: no lock.
    others_left = itertools.count(len(waited) - 1, -1)
    errors: list[BaseException] = []

    def one_done(future: Future[T]) -> None:
        if future._error is not None:
            errors.append(future._error)
        if next(others_left):
            return
        if errors:
            combined.set_exception(errors[0])
        else:
            # Decoded by the one who wants them, all on that thread.
            combined.set_raw(waited, lambda all_of_them: [f._take() for f in all_of_them])

    for future in waited:
        future.when_done(functools.partial(one_done, future))
    return combined
