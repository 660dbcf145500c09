"""Work in a thread: the last task wins, any can be given up, and the loop stays awake."""

import asyncio
import time

import pytest

from cxlab.data import table
from cxlab.publish.working import Worker

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3"


def sleep_long():
    for _ in range(400):
        time.sleep(0.05)
    return "never"


async def ended(worker, seconds=5.0):
    end = time.monotonic() + seconds
    while worker._running is not None:
        assert time.monotonic() < end, "the task did not stop"
        await asyncio.sleep(0.02)


def run(scenario):
    return asyncio.run(scenario())


def test_what_a_task_returns_or_raises_is_told_on_the_loop():
    async def scenario():
        told, worker = [], Worker(lambda: None)
        worker.start(lambda: 7, told.append)
        assert worker.busy
        await ended(worker)
        worker.start(lambda: 1 / 0, told.append)
        await ended(worker)
        assert not worker.busy
        return told

    first, second = run(scenario)
    assert first == 7
    assert isinstance(second, ZeroDivisionError)


def test_of_several_tasks_only_the_last_is_told():
    async def scenario():
        told, worker = [], Worker(lambda: None)
        for number in range(5):
            worker.start(sleep_long if number < 4 else lambda: "last", told.append)
        await ended(worker)
        return told

    assert run(scenario) == ["last"]


def test_a_stopped_task_ends_soon_and_says_nothing():
    async def scenario():
        told, worker = [], Worker(lambda: None)
        worker.start(sleep_long, told.append)
        await asyncio.sleep(0.1)
        worker.stop()
        assert not worker.busy
        await ended(worker, 2)
        return told

    assert run(scenario) == []


def test_a_query_that_runs_is_interrupted_and_the_engine_answers_again(plans):
    async def scenario():
        opened, told = table(plans), []
        worker = Worker(opened.engine.interrupt)
        worker.start(lambda: opened.engine.rows(ENDLESS), told.append)
        await asyncio.sleep(0.3)
        start = time.monotonic()
        worker.stop()
        await ended(worker)
        assert time.monotonic() - start < 3
        worker.start(lambda: opened.engine.rows("SELECT 42"), told.append)
        await ended(worker)
        return told

    assert run(scenario) == [[(42,)]]


def test_the_loop_stays_awake_while_a_query_runs(plans):
    async def scenario():
        opened = table(plans)
        worker, turns = Worker(opened.engine.interrupt), 0
        worker.start(lambda: opened.engine.rows(ENDLESS), lambda _: None)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            await asyncio.sleep(0.01)
            turns += 1
        worker.stop()
        await ended(worker)
        return turns

    assert run(scenario) > 5


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.004])
def test_stopping_at_any_moment_leaves_a_worker_that_works(pause):
    async def scenario():
        told, worker = [], Worker(lambda: None)
        for _ in range(40):
            worker.start(lambda: sum(range(20_000)), lambda _: None)
            await asyncio.sleep(pause)
            worker.stop()
        worker.start(lambda: "well", told.append)
        await ended(worker)
        return told

    assert run(scenario) == ["well"]


def test_what_is_known_early_is_told_before_the_end_and_not_after_a_stop():
    async def scenario():
        told, worker = [], Worker(lambda: None)

        def work():
            worker.meanwhile(lambda: told.append("early"))
            time.sleep(0.2)
            return "late"

        worker.start(work, told.append)
        await ended(worker)
        worker.start(work, told.append)
        time.sleep(0.1)  # the loop sleeps, the work goes on
        worker.stop()
        await ended(worker)
        return told

    assert run(scenario) == ["early", "late"]
