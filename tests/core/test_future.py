"""A future is waited for, called back from, and awaited."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from hzdata.core.dispatch import Dispatcher
from hzdata.core.future import Future, ImmediateFuture, Incomplete, combine_futures


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
    future: Future[int] = Future()
    future.add_done_callback(lambda _: time.sleep(0.5))
    future.set_result(1)
    started = time.monotonic()
    assert future.result() == 1
    assert time.monotonic() - started < 0.4
