"""Jobs a second of the distributed engine, of the local one, and of Procrastinate alone.

`python benchmarks/distributed_engine.py [JOBS]`: the jobs run `/bin/true`, all in one lane, so the
figures are those of the machinery. PostgreSQL comes from the wheel, without fsync.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import procrastinate

from worker_python.engines.distributed import DistributedEngine, DistributedOptions, Worker
from worker_python.engines.distributed.dispatch import make_schema
from worker_python.engines.local import LocalEngine
from worker_python.engines.local.context import Context
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.ports import Engine, JobStore
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.postgres_schema import bring_up_to_date
from worker_python.storage.sqlite import SqliteJobStore
from worker_python.storage.testing import OwnPostgres

OPTIONS = DistributedOptions()


def main() -> None:
    """Print one line a case."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    server = OwnPostgres()
    server.create()
    try:
        asyncio.run(_all(server, jobs))
    finally:
        server.remove()


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def command_for(job: Job) -> Command:
    """Return a command that ends at once, or one that does not where a report is named."""
    return Command(("/bin/true",) if job.report_id is None else ("/bin/sleep", "60"))


async def _all(server: OwnPostgres, jobs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _print("local engine, SQLite", *await _local(Path(folder), jobs))
    _print("Procrastinate alone, /bin/true", *await _procrastinate(server, jobs))
    for workers in (1, 2, 4):
        url = server.make_database(f"workers_{workers}")
        bring_up_to_date(url)
        _print(f"distributed engine, {workers} workers", *await _distributed(url, workers, jobs))


async def _local(folder: Path, jobs: int) -> tuple[float, float]:
    store = SqliteJobStore(folder / "jobs.db")
    await store.open()
    engine = LocalEngine(store, GuardedExecutor(), command_for, now)
    await engine.start()
    try:
        return await _measured(engine, store, jobs)
    finally:
        await engine.stop()
        await store.close()


async def _distributed(url: str, workers: int, jobs: int) -> tuple[float, float]:
    stores = [PostgresJobStore(url) for _ in range(workers + 1)]
    for store in stores:
        await store.open()
    contexts = [Context(store, GuardedExecutor(), command_for, now) for store in stores]
    engine = DistributedEngine(url, contexts[0], OPTIONS)
    running = [
        Worker(url, store.pool, context, OPTIONS)
        for store, context in zip(stores[1:], contexts[1:], strict=True)
    ]
    parts: list[DistributedEngine | Worker] = [engine, *running]
    for part in parts:
        await part.start()
    try:
        if workers == 2:
            print(f"cancel of a running job: {await _cancels(engine, stores[0])}")
        return await _measured(engine, stores[0], jobs)
    finally:
        for part in reversed(parts):
            await part.stop()
        for store in stores:
            await store.close()


async def _procrastinate(server: OwnPostgres, jobs: int) -> tuple[float, float]:
    url = server.make_database("plain")
    await asyncio.to_thread(bring_up_to_date, url)
    await make_schema(url)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    ended = asyncio.Queue[None]()

    @app.task(name="run", lock="one")
    async def run() -> None:
        attempt = await GuardedExecutor().start(Command(("/bin/true",)), marker=str(time.time_ns()))
        await attempt.wait()
        ended.put_nowait(None)

    async with app.open_async():
        worker = asyncio.create_task(app.run_worker_async(install_signal_handlers=False))
        began = time.perf_counter()
        await asyncio.gather(*(run.defer_async() for _ in range(jobs)))
        for _ in range(jobs):
            await ended.get()
        seconds = time.perf_counter() - began
        worker.cancel()
        await asyncio.wait([worker])
    return jobs / seconds, float("nan")


async def _measured(engine: Engine, store: JobStore, jobs: int) -> tuple[float, float]:
    """Return jobs a second of many at once, and the median seconds to start of one at a time."""
    waits = [await _wait(engine, store) for _ in range(5)]
    began = time.perf_counter()
    submitted = await asyncio.gather(*(engine.submit(NewJob(now())) for _ in range(jobs)))
    await _ended(lambda: store.get(max(job.id for job in submitted)))
    return jobs / (time.perf_counter() - began), median(waits)


async def _cancels(engine: Engine, store: JobStore) -> str:
    seconds = []
    for _ in range(30):
        job = await engine.submit(NewJob(now(), 1))
        while (await store.get(job.id)).process is None:  # noqa: ASYNC110  # nothing else tells
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        await engine.cancel(job.id)
        seconds.append(time.perf_counter() - began)
    return f"median {median(seconds) * 1000:.0f} ms, slowest of 30 {max(seconds) * 1000:.0f} ms"


async def _wait(engine: Engine, store: JobStore) -> float:
    job = await engine.submit(NewJob(now()))
    ended = await _ended(lambda: store.get(job.id))
    if ended.started_at is None:
        raise RuntimeError("the job did not start")
    return (ended.started_at - ended.created_at).total_seconds()


async def _ended(get: Callable[[], Awaitable[Job]]) -> Job:
    while not (job := await get()).status.terminal:  # noqa: ASYNC110  # nothing else tells
        await asyncio.sleep(0.01)
    return job


def _print(name: str, rate: float, wait: float) -> None:
    print(f"{name:32} {rate:8.1f} jobs/s   {wait * 1000:8.1f} ms to start")


if __name__ == "__main__":
    main()
