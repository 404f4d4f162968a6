"""Jobs a second of the distributed engine beside the local one and Procrastinate alone.

`python benchmarks/distributed_engine.py [JOBS] [ROUNDS]`. All of it in one run: in every round each
case gets the same jobs, in one lane, and ratios are medians over rounds. Workers are processes of
their own. A job either starts nothing, which shows the machinery, or `/bin/true` under a guard,
which is what production does. PostgreSQL comes from the wheel, without fsync.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import psycopg
from distributed_workers import command_for, executor, open_plain, options
from procrastinate import App

from worker_python.engines.distributed import DistributedEngine
from worker_python.engines.distributed.dispatch import make_schema
from worker_python.engines.local import LocalEngine
from worker_python.engines.local.context import Context
from worker_python.jobs.job import Job, NewJob
from worker_python.jobs.ports import Engine, JobStore
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.postgres_schema import bring_up_to_date
from worker_python.storage.sqlite import SqliteJobStore
from worker_python.storage.testing import OwnPostgres

WORKERS = (1, 2, 4)
CANCELS = 200
STARTS_IN_A_ROUND = 10
PLAIN = "Procrastinate alone"


@dataclass(slots=True)
class Case:
    """A way to run jobs, and what it took in each round."""

    name: str
    run: Callable[[int], Awaitable[None]]
    start: Callable[[], Awaitable[float]] | None = None
    rates: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    async def play(self, jobs: int) -> None:
        """Play one round."""
        if self.start is not None:
            self.starts += [await self.start() for _ in range(STARTS_IN_A_ROUND)]
        began = time.perf_counter()
        await self.run(jobs)
        self.rates.append(jobs / (time.perf_counter() - began))

    def row(self, plain: Case) -> str:
        """Return its line of the table, beside plain Procrastinate."""
        ratio = median(a / b for a, b in zip(self.rates, plain.rates, strict=True))
        wait = f"{median(self.starts) * 1000:.0f} ms" if self.starts else ""
        return f"| {self.name} | {median(self.rates):.1f} | {ratio:.2f} | {wait} |"


def main() -> None:
    """Print a table for each kind of job, and what a cancel takes."""
    jobs, rounds = [int(number) for number in (*sys.argv[1:], "100", "5")[:2]]
    server = OwnPostgres()
    server.create()
    try:
        for kind in ("empty", "guarded"):
            asyncio.run(_compare(server, kind, jobs, rounds))
    finally:
        server.remove()


async def _compare(server: OwnPostgres, kind: str, jobs: int, rounds: int) -> None:
    async with AsyncExitStack() as stack:
        plain = await stack.enter_async_context(_plain(server, kind))
        cases = [plain, await stack.enter_async_context(_local(kind))]
        for workers in WORKERS:
            cases.append(await stack.enter_async_context(_distributed(server, kind, workers)))
        for _ in range(rounds):
            for case in cases:
                await case.play(jobs)
    print(f"\n| {kind} jobs | jobs/s | beside {PLAIN} | time to start |\n|---|---|---|---|")
    print("\n".join(case.row(plain) for case in cases), flush=True)
    if kind == "guarded":
        async with _distributed_engine(server, kind, "cancels", 2) as (engine, store):
            print(await _cancels(engine, store))


@asynccontextmanager
async def _local(kind: str) -> AsyncIterator[Case]:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteJobStore(Path(folder) / "jobs.db")
        await store.open()
        engine = LocalEngine(store, executor(kind), command_for, now)
        await engine.start()
        try:
            yield _case("local engine, SQLite", engine, store)
        finally:
            await engine.stop()
            await store.close()


@asynccontextmanager
async def _distributed(server: OwnPostgres, kind: str, workers: int) -> AsyncIterator[Case]:
    name = f"distributed, {workers} worker{'s' * (workers > 1)}"
    async with _distributed_engine(server, kind, str(workers), workers) as (engine, store):
        yield _case(name, engine, store)


@asynccontextmanager
async def _distributed_engine(
    server: OwnPostgres, kind: str, name: str, workers: int
) -> AsyncIterator[tuple[Engine, JobStore]]:
    url = await _database(server, f"{kind}_{name}")
    store = PostgresJobStore(url)
    await store.open()
    engine = DistributedEngine(url, Context(store, executor(kind), command_for, now), options())
    await engine.start()
    try:
        async with _processes("work", kind, url, workers):
            await _one(engine, store)  # until they are up
            yield engine, store
    finally:
        await engine.stop()
        await store.close()


@asynccontextmanager
async def _plain(server: OwnPostgres, kind: str) -> AsyncIterator[Case]:
    url = await _database(server, f"{kind}_plain")
    async with open_plain(url) as app, _processes("plain", kind, url, 1):
        await _run_plain(app, url, 1)
        yield Case(PLAIN, lambda jobs: _run_plain(app, url, jobs))


@asynccontextmanager
async def _processes(verb: str, kind: str, url: str, number: int) -> AsyncIterator[None]:
    processes = [_process(verb, kind, url) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            await asyncio.to_thread(process.wait)


def _process(*arguments: str) -> subprocess.Popen[bytes]:
    script = str(Path(__file__).with_name("distributed_workers.py"))
    return subprocess.Popen([sys.executable, script, *arguments])


async def _database(server: OwnPostgres, name: str) -> str:
    url = server.make_database(name)
    await asyncio.to_thread(bring_up_to_date, url)
    await make_schema(url)
    return url


def _case(name: str, engine: Engine, store: JobStore) -> Case:
    async def run(jobs: int) -> None:
        await asyncio.gather(*(engine.submit(NewJob(now())) for _ in range(jobs)))
        while await _left(store):  # noqa: ASYNC110  # nothing else tells
            await asyncio.sleep(0.01)

    async def start() -> float:
        job = await _one(engine, store)
        return ((job.started_at or now()) - job.created_at).total_seconds()

    return Case(name, run, start)


async def _run_plain(app: App, url: str, jobs: int) -> None:
    await asyncio.gather(*(app.tasks["run"].defer_async() for _ in range(jobs)))
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        left = "SELECT FROM procrastinate_jobs LIMIT 1"
        while (await connection.execute(left)).rowcount:  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.01)


async def _left(store: JobStore) -> int:
    counts = await store.counts()
    return counts[JobStatus.PENDING] + counts[JobStatus.RUNNING]


async def _one(engine: Engine, store: JobStore) -> Job:
    job = await engine.submit(NewJob(now()))
    while not (job := await store.get(job.id)).status.terminal:  # noqa: ASYNC110  # likewise
        await asyncio.sleep(0.01)
    return job


async def _cancels(engine: Engine, store: JobStore) -> str:
    """Cancel running jobs, one after the other, from this process: the worker is another."""
    seconds = []
    for _ in range(CANCELS):
        job = await engine.submit(NewJob(now(), 1))
        while (await store.get(job.id)).process is None:  # noqa: ASYNC110  # likewise
            await asyncio.sleep(0.01)
        began = time.perf_counter()
        await engine.cancel(job.id)
        seconds.append(time.perf_counter() - began)
    spread = sorted(one * 1000 for one in seconds)
    p99 = spread[int(len(spread) * 0.99) - 1]
    return (
        f"\n{CANCELS} cancels of a running job in another process: median {median(spread):.0f} ms, "
        f"p99 {p99:.0f} ms, slowest {spread[-1]:.0f} ms"
    )


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
