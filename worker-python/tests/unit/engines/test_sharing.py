"""Whoever asks in a burst shares an errand, but only one that begins after the question."""

from __future__ import annotations

import asyncio

import pytest

from worker_python.engines.distributed.sharing import Shared
from worker_python.engines.testing import until


async def test_a_burst_costs_one_errand_and_those_who_come_during_it_another() -> None:
    begun, go_on = 0, asyncio.Event()

    async def errand() -> None:
        nonlocal begun
        begun += 1
        await go_on.wait()

    shared = Shared(errand)
    early = [asyncio.create_task(shared()) for _ in range(5)]
    await until(lambda: begun == 1)
    late = [asyncio.create_task(shared()) for _ in range(5)]
    await asyncio.sleep(0)  # they have asked
    assert begun == 1
    go_on.set()
    await asyncio.gather(*early, *late)

    assert begun == 2


async def test_everybody_hears_that_it_failed_and_the_next_one_tries_again() -> None:
    answers = iter([OSError("gone"), None])

    async def errand() -> None:
        if error := next(answers):
            raise error

    shared = Shared(errand)
    heard = await asyncio.gather(shared(), shared(), return_exceptions=True)

    assert [type(each) for each in heard] == [OSError, OSError]
    await shared()


async def test_who_goes_away_takes_it_from_nobody() -> None:
    go_on, done = asyncio.Event(), asyncio.Event()

    async def errand() -> None:
        await go_on.wait()
        done.set()

    shared = Shared(errand)
    one, other = asyncio.create_task(shared()), asyncio.create_task(shared())
    await asyncio.sleep(0)
    one.cancel()

    with pytest.raises(asyncio.CancelledError):
        await one
    go_on.set()
    await other
    assert done.is_set()
