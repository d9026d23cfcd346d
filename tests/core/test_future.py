"""A future is waited for, called back from, and awaited."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from hzdata.core.dispatch import Dispatcher
from hzdata.core.future import Future, ImmediateExceptionFuture, ImmediateFuture, Incomplete, combine_futures
from hzdata.core.network.reactor import Reactor
from tests.waiting import until


def complete_later(future: Future[object], value: object) -> None:
    threading.Timer(0.02, lambda: future.set_result(value)).start()


def test_result_waits_for_another_thread() -> None:
    future: Future[int] = Future()
    complete_later(future, 42)
    assert future.running()
    assert future.result() == 42
    assert future.done()
    assert future.is_success()


def test_result_raises_the_error_of_the_operation() -> None:
    future: Future[int] = Future()
    future.set_exception(KeyError("gone"))
    with pytest.raises(KeyError, match="gone"):
        future.result()
    assert isinstance(future.exception(), KeyError)
    assert not future.is_success()


def test_result_gives_up_at_its_timeout() -> None:
    with pytest.raises(TimeoutError, match=r"0\.01 s"):
        Future().result(0.01)
    # What is left until a deadline may be less than nothing.
    for over in (0, -0.5, -1):
        with pytest.raises(TimeoutError, match="has not ended"):
            Future().result(over)


def test_a_timeout_may_be_infinite() -> None:
    future: Future[object] = Future()
    complete_later(future, 42)
    assert future.result(float("inf")) == 42


def test_who_gives_up_leaves_nothing_behind() -> None:
    future: Future[int] = Future()
    for _ in range(9):
        with pytest.raises(TimeoutError):
            future.result(0)
    assert future._callbacks == []


def test_many_threads_may_wait_for_one_future() -> None:
    future: Future[int] = Future()
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(future.result())) for _ in range(8)]
    for thread in threads:
        thread.start()
    future.set_result(1)
    for thread in threads:
        thread.join()
    assert seen == [1] * 8


def test_an_answer_is_decoded_once_by_the_one_who_wants_it() -> None:
    decoded: list[threading.Thread] = []

    def decode(raw: str) -> str:
        decoded.append(threading.current_thread())
        return raw.upper()

    future: Future[str] = Future()
    threading.Thread(target=lambda: future.set_raw("answer", decode)).start()
    assert future.result() == future.result() == "ANSWER"
    assert decoded == [threading.current_thread()]


def test_a_decoder_that_lacks_something_is_called_again_when_that_is_there() -> None:
    lacking = [True]

    def fetch() -> Future[None]:
        lacking.clear()
        return ImmediateFuture(None)

    def decode(raw: int) -> int:
        if lacking:
            raise Incomplete(fetch)
        return raw + 1

    by_result: Future[int] = Future()
    by_result.set_raw(1, decode)
    assert by_result.result() == 2

    async def await_it(future: Future[int]) -> int:
        return await future

    lacking.append(True)
    by_await: Future[int] = Future()
    by_await.set_raw(1, decode)
    assert asyncio.run(await_it(by_await)) == 2

    lacking.append(True)
    called_back: Future[int] = Future()
    by_callback: Future[int] = Future()
    by_callback.add_done_callback(lambda done: called_back.set_result(done.result()))
    by_callback.set_raw(1, decode)
    assert called_back.result(5) == 2


def test_awaiting_leaves_the_event_loop_free() -> None:
    async def main() -> tuple[int, int]:
        future: Future[int] = Future()
        complete_later(future, 7)
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while not future.done():
                turns += 1
                await asyncio.sleep(0.001)

        _, value = await asyncio.gather(tick(), asyncio.ensure_future(wait(future)))
        return value, turns

    async def wait(future: Future[int]) -> int:
        return await future

    value, turns = asyncio.run(main())
    assert value == 7
    assert turns > 1


def test_callbacks_run_also_when_the_future_is_done_already() -> None:
    called: Future[Future[int]] = Future()
    future = ImmediateFuture(3)
    future.add_done_callback(called.set_result)
    assert called.result(5) is future


def test_a_future_that_failed_at_once_keeps_the_traceback_it_was_given() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        1 // 0  # noqa: B018
    assert ImmediateExceptionFuture(raised.value.with_traceback(None), raised.tb).traceback() is raised.tb


def test_a_callback_that_fails_does_not_keep_others_from_running(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()
    reached: Future[bool] = Future()

    def fail(done: Future[int]) -> None:
        raise ValueError("of the user")

    future.add_done_callback(fail)
    future.add_done_callback(lambda _: reached.set_result(True))
    future.set_result(1)
    assert reached.result(5)
    assert "of the user" in caplog.text


def test_a_continuation_may_return_a_value_a_future_or_raise() -> None:
    assert ImmediateFuture(2).continue_with(lambda f, by: f.result() * by, 5).result(5) == 10
    later: Future[str] = Future()
    chained = ImmediateFuture(2).continue_with(lambda _: later)
    complete_later(later, "late")
    assert chained.result(5) == "late"
    with pytest.raises(ZeroDivisionError):
        ImmediateFuture(0).continue_with(lambda f: 1 // f.result()).result(5)


def test_a_callback_may_wait_for_a_future_that_needs_another_callback() -> None:
    dispatcher = Dispatcher("test")
    first: Future[int] = Future(dispatcher)
    second: Future[int] = Future(dispatcher)
    outcome: Future[int] = Future()

    def wait_inside(done: Future[int]) -> None:
        outcome.set_result(second.continue_with(lambda f: f.result() + 1).result(5))

    first.add_done_callback(wait_inside)
    first.set_result(0)
    second.set_result(41)
    assert outcome.result(5) == 42
    dispatcher.stop()


def test_a_callback_may_wait_for_what_a_later_callback_brings_and_that_for_the_first() -> None:
    dispatcher = Dispatcher("test")
    order: list[str] = []
    brought: Future[int] = Future()
    first_ended: Future[int] = Future()
    all_ended: Future[int] = Future()

    def first() -> None:
        order.append("first")
        order.append(f"first got {brought.result()}")
        first_ended.set_result(2)

    def second() -> None:
        order.append("second")
        brought.set_result(1)
        order.append(f"second got {first_ended.result()}")
        all_ended.set_result(3)

    dispatcher.submit(first)
    dispatcher.submit(second)
    assert all_ended.result(5) == 3
    # They take turns: one goes on when the other waits.
    assert order == ["first", "second", "first got 1", "second got 2"]
    dispatcher.stop()


def test_callbacks_that_wait_are_a_few_threads_however_many_there_are() -> None:
    dispatcher = Dispatcher("crowd")
    came: Future[int] = Future()
    seen: list[int] = []
    at_once: list[int] = []
    for i in range(2000):

        def wait(i: int = i) -> None:
            at_once.append(sum(thread.name == "crowd" for thread in threading.enumerate()))
            seen.append(came.result() + i)

        dispatcher.submit(wait)
    threading.Timer(1, came.set_result, [0]).start()
    until(lambda: len(seen) == 2000)
    assert sorted(seen) == list(range(2000))
    assert max(at_once) <= 20
    # The spare threads end when nobody waits any more.
    until(lambda: sum(thread.name == "crowd" for thread in threading.enumerate()) == 1)
    dispatcher.stop()
    until(lambda: all(thread.name != "crowd" for thread in threading.enumerate()))


def test_a_wait_in_a_callback_ends_at_its_timeout() -> None:
    dispatcher = Dispatcher("test")
    outcome: Future[list[str]] = Future()

    def wait() -> None:
        said = []
        for seconds in (0.01, 0.2):
            with pytest.raises(TimeoutError) as failure:
                Future[int]().result(seconds)
            said.append(str(failure.value))
        outcome.set_result(said)

    dispatcher.submit(wait)
    assert [text.split()[-2] for text in outcome.result(5)] == ["0.01", "0.2"]
    dispatcher.stop()


def test_a_callback_that_exits_does_not_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    reached: Future[bool] = Future()
    ImmediateFuture(1).add_done_callback(lambda _: sys.exit("of the user"))
    ImmediateFuture(1).add_done_callback(lambda _: reached.set_result(True))
    assert reached.result(5)
    assert "of the user" in caplog.text


def test_the_io_thread_does_not_wait_and_says_why() -> None:
    reactor = Reactor("test-io")
    reactor.start()
    outcome: Future[BaseException] = Future()

    def wait() -> None:
        try:
            Future[int]().result()
        except RuntimeError as error:
            outcome.set_result(error)

    reactor.call_soon(wait)
    assert "I/O thread" in str(outcome.result(5))
    reactor.stop()


def test_a_value_whose_schema_cannot_be_had_is_an_error_for_everyone() -> None:
    def fetch() -> Future[None]:
        return ImmediateExceptionFuture(KeyError("no such schema"))

    def decode(raw: int) -> int:
        raise Incomplete(fetch)

    def undecodable() -> Future[int]:
        future: Future[int] = Future()
        future.set_raw(1, decode)
        return future

    async def await_it() -> int:
        return await undecodable()

    with pytest.raises(KeyError, match="no such schema"):
        undecodable().result()
    with pytest.raises(KeyError, match="no such schema"):
        asyncio.run(await_it())
    with pytest.raises(KeyError, match="no such schema"):
        undecodable().continue_with(lambda done: done.result()).result(5)
    called: Future[BaseException | None] = Future()
    undecodable().add_done_callback(lambda done: called.set_result(done.exception()))
    assert isinstance(called.result(5), KeyError)


def test_combined_futures_give_all_results_in_order_or_the_first_error() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    together = combine_futures(futures)
    for i in (2, 0, 1):
        assert not together.done()
        futures[i].set_result(i * 10)
    assert together.result() == [0, 10, 20]
    assert combine_futures([]).result() == []

    failing: list[Future[int]] = [Future(), Future()]
    together = combine_futures(failing)
    failing[1].set_exception(KeyError("b"))
    failing[0].set_exception(ValueError("a"))
    with pytest.raises(KeyError):
        together.result()


def test_a_slow_callback_does_not_delay_the_result() -> None:
    dispatcher = Dispatcher("test")
    future: Future[int] = Future(dispatcher)
    goes_on = threading.Event()
    future.add_done_callback(lambda _: goes_on.wait(5))
    future.set_result(1)
    assert future.result() == 1
    assert not goes_on.is_set()
    goes_on.set()
    dispatcher.stop()


def test_a_future_that_is_done_or_of_no_client_calls_back_at_once() -> None:
    of_a_client: Future[int] = Future(Dispatcher("test"))
    of_a_client.set_result(1)
    of_none: Future[int] = Future()
    called: list[threading.Thread] = []
    of_none.add_done_callback(lambda _: called.append(threading.current_thread()))
    of_none.set_result(2)
    of_a_client.add_done_callback(lambda _: called.append(threading.current_thread()))
    assert called == [threading.current_thread()] * 2
    assert of_none.continue_with(lambda done: done.result() + 1).done()


def test_a_future_of_a_future_is_followed_to_its_value() -> None:
    outer: Future[Future[int]] = Future()
    inner: Future[int] = Future()
    following = ImmediateFuture(0).continue_with(lambda _: outer)
    outer.set_result(inner)
    inner.set_result(1)
    assert following.result(5) == 1


def test_an_event_loop_in_a_callback_awaits_what_later_callbacks_bring() -> None:
    dispatcher = Dispatcher("test")
    first: Future[int] = Future(dispatcher)
    second: Future[int] = Future(dispatcher)
    third: Future[int] = Future(dispatcher)
    outcome: Future[list[int]] = Future()

    async def both() -> list[int]:
        async def one(future: Future[int]) -> int:
            return await future.continue_with(lambda done: done.result() + 1)

        return await asyncio.gather(one(second), one(third))

    first.add_done_callback(lambda _: outcome.set_result(asyncio.run(both())))
    first.set_result(0)
    second.set_result(1)
    third.set_result(2)
    assert outcome.result(10) == [2, 3]
    dispatcher.stop()
