"""Several API processes and workers are one service, whichever of them is asked."""

from __future__ import annotations

import signal
import time

import httpx

from rig.fleet import Fleet
from rig.traces import collector
from worker_python.engines.testing import until
from worker_python.jobs.status import JobStatus


async def test_what_one_process_takes_another_answers_for(fleet: Fleet) -> None:
    apis = [fleet.start("serve", "--port", "0") for _ in range(2)]
    workers = [fleet.start("work") for _ in range(3)]
    one, other = [httpx.AsyncClient(base_url=await api.address(), timeout=30) for api in apis]
    async with one, other:
        created = [await client.get("/deduper/jobs") for client in (one, other, one)]
        assert [answer.status_code for answer in created] == [201] * 3
        assert [answer.json()["jobId"] for answer in created] == [1, 2, 3]
        await until(lambda: any(worker.dedupers() for worker in workers), seconds=30)
        assert (await one.get("/deduper/jobs/list")).json() == (
            await other.get("/deduper/jobs/list")
        ).json()

        started = time.monotonic()
        cancelled = await other.post("/deduper/jobs/1/cancel")
        assert cancelled.status_code == 200, cancelled.text
        assert time.monotonic() - started < 5
        assert (await one.get("/deduper/jobs/1")).json()["status"] == "cancelled"
        fleet.go.touch()
        for job_id in (2, 3):
            job = await fleet.store.get(job_id)
            await fleet.reaches(job, JobStatus.COMPLETED)
        assert (await one.get("/deduper/jobs/3")).json()["exitCode"] == 0
        cleared = await one.delete("/deduper/clear-db-table")
        assert cleared.status_code == 200, cleared.text
    for process in fleet.processes:
        process.send(signal.SIGTERM)
    for process in fleet.processes:
        assert process.popen.wait(20) in (0, -signal.SIGTERM)


async def test_a_worker_that_is_stopped_hands_its_turn_on(fleet: Fleet) -> None:
    fleet.stalled_seconds = 600.0  # nobody would look for what it left in the time of this test
    leaving = fleet.start("work")
    _, waiting = [await fleet.submit() for _ in range(2)]
    await fleet.busy(leaving)
    staying = fleet.start("work")

    leaving.send(signal.SIGTERM)
    await fleet.busy(staying)
    fleet.go.touch()

    await leaving.dies()
    await fleet.reaches(waiting, JobStatus.COMPLETED)


async def test_a_worker_process_sends_the_traces_of_its_attempts(fleet: Fleet) -> None:
    with collector() as traces:
        worker = fleet.start("work", OTEL_EXPORTER_OTLP_ENDPOINT=traces.endpoint)
        fleet.go.touch()
        await fleet.reaches(await fleet.submit(), JobStatus.COMPLETED)
        worker.send(signal.SIGTERM)
        await worker.dies()

    assert traces.spans == ["deduper attempt"]
