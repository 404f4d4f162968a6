"""A worker is dead after two looks that found the same old lease, and not before."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from rig.fleet import Fleet
from worker_python.engines.distributed import LeasedJobStore
from worker_python.engines.distributed.dispatch import Dispatch
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.options import DistributedOptions
from worker_python.engines.distributed.reaper import Reaper
from worker_python.jobs import lifecycle
from worker_python.jobs.status import JobStatus

STALLED_SECONDS = 1.0


@pytest.mark.parametrize("renewed", [False, True])
async def test_one_look_is_not_enough_and_a_sign_of_life_is(
    fleet: Fleet,
    renewed: bool,  # noqa: FBT001  # a table's column
) -> None:
    store = LeasedJobStore(fleet.url)
    await store.open()
    context = replace(fleet.engine._context, store=store)
    dispatch = Dispatch(fleet.url, lanes=1, patience_seconds=5)
    options = DistributedOptions(stalled_seconds=STALLED_SECONDS)
    reaper = Reaper(fleet.url, context, dispatch, options)
    line = Line(fleet.url)
    await dispatch.open()
    job = await fleet.submit()
    running = lifecycle.claim(job, marker="no process has this", now=context.clock())
    await store.replace(job, running)
    try:
        await asyncio.sleep(STALLED_SECONDS * 1.05)  # it is the age of the lease that is looked at
        await reaper.look()
        assert (await fleet.store.get(job.id)).status is JobStatus.RUNNING
        if renewed:
            await Leases(line).renew([(job.id, 1)])

        await reaper.look()

        after = JobStatus.RUNNING if renewed else JobStatus.FAILED
        assert (await fleet.store.get(job.id)).status is after
        assert bool(await Leases(line).renew([(job.id, 1)])) is renewed
    finally:
        await store.close()
        await line.close()
        await reaper.close()
        await dispatch.close()
