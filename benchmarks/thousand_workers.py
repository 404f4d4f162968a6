"""What 1,000 workers ask of the store: their polling, heartbeats and leases, without the workers.

`python benchmarks/thousand_workers.py [WORKERS] [SECONDS]`. Every statement is one that a worker
sends, at the pace at which it sends it; two processes send them over 20 connections each, as a
pooler would. Lateness is from the moment a statement is due until its answer is there.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import psutil
import psycopg

from worker_python.engines.distributed.bell import MOVED
from worker_python.engines.distributed.dispatch import QUEUE, make_schema
from worker_python.engines.distributed.leases import Leases
from worker_python.engines.distributed.line import Line
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.postgres_schema import bring_up_to_date
from worker_python.storage.testing import OwnPostgres

CROWDS = 2
CONNECTIONS = 20
LISTENERS = 200
OLD_JOBS = 100_000
HEARTBEAT_SECONDS, LOOK_SECONDS = 10.0, 15.0

FETCH = "SELECT id FROM procrastinate_fetch_job_v2(%(queues)s::varchar[], %(worker)s)"
HEARTBEAT = "SELECT procrastinate_update_heartbeat_v1(%(worker)s)"
LOCK = "SELECT pg_try_advisory_lock(1)"  # that of another connection, as the reaper's mostly is
POPULATION = """
    INSERT INTO jobs (status, created_at, token) SELECT 'running', now(), 1
        FROM generate_series(1, {workers});
    INSERT INTO job_attempts (job_id, token) SELECT id, 1 FROM jobs;
    INSERT INTO procrastinate_workers SELECT FROM generate_series(1, {workers})
"""
GROWTH = """
    INSERT INTO jobs (status, created_at, completed_at, token)
    SELECT 'completed', now(), now(), 1 FROM generate_series(1, %(jobs)s)
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker polls, and renews the lease of the one job it runs; 0 for none."""

    poll_seconds: float
    renew_seconds: float


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A statement that a worker sends at a moment, in seconds from the beginning."""

    at: float
    statement: str
    worker: int


PACES = {
    "all idle": Pace(1, 0),
    "all busy": Pace(1, 1),
    "all busy, polling and leases every 5 s": Pace(5, 5),
}


def main(workers: int = 1000, seconds: int = 10) -> None:
    """Print what the crowd takes, and the other limits."""
    server = OwnPostgres()
    server.create()
    try:
        url = server.make_database("crowd")
        bring_up_to_date(url)
        asyncio.run(make_schema(url))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(POPULATION.format(workers=workers))
        print("| workers | statements/s due | answered | lateness p50, p99 | cores of the server |")
        print("|---|---|---|---|---|")
        for name, pace in PACES.items():
            print(_crowds(server, url, workers, seconds, name, pace), flush=True)
        asyncio.run(_print_limits(server, url, workers))
    finally:
        server.remove()


def _crowds(
    server: OwnPostgres, url: str, workers: int, seconds: int, name: str, pace: Pace
) -> str:
    before = _cpu_seconds(server)
    arguments = [str(value) for value in (workers, seconds, pace.poll_seconds, pace.renew_seconds)]
    crowds = [
        subprocess.Popen(
            [sys.executable, __file__, "crowd", url, str(number), *arguments],
            stdout=subprocess.PIPE,
        )
        for number in range(CROWDS)
    ]
    answers = [json.loads(crowd.communicate()[0]) for crowd in crowds]
    late = sorted(one for answer in answers for one in answer["late"])
    elapsed = max(answer["seconds"] for answer in answers)
    cores = (_cpu_seconds(server) - before) / elapsed
    spread = f"{median(late) * 1000:.0f} ms, {late[int(len(late) * 0.99)] * 1000:.0f} ms"
    rates = f"{len(late) / seconds:,.0f} | {len(late) / elapsed:,.0f}"
    return f"| {workers} {name} | {rates} | {spread} | {cores:.2f} |"


async def _crowd(url: str, number: int, workers: int, seconds: float, pace: Pace) -> None:
    """Be every `CROWDS`-th worker for some seconds; print how late the answers were."""
    lines: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        line = Line(url)
        await line.ask("SELECT 1")
        lines.put_nowait(line)
    schedule = sorted(
        due
        for one in range(1 + number, workers + 1, CROWDS)
        for due in _schedule(one, seconds, pace)
    )
    late: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for due in schedule:
            await asyncio.sleep(max(0, began + due.at - time.perf_counter()))
            group.create_task(_send(due, lines, began, late))
    print(json.dumps({"late": late, "seconds": time.perf_counter() - began}))
    while not lines.empty():
        await lines.get_nowait().close()


def _schedule(worker: int, seconds: float, pace: Pace) -> Iterator[Due]:
    chance = random.Random(worker)  # noqa: S311  # phases
    every = {FETCH: pace.poll_seconds, "renew": pace.renew_seconds}
    every |= {HEARTBEAT: HEARTBEAT_SECONDS, LOCK: LOOK_SECONDS}
    for statement, interval in every.items():
        at = chance.uniform(0, interval)
        while interval and at < seconds:
            yield Due(at, statement, worker)
            at += interval


async def _send(due: Due, lines: asyncio.Queue[Line], began: float, late: list[float]) -> None:
    line = await lines.get()
    try:
        if due.statement == "renew":
            await Leases(line).renew([(due.worker, 1)])
        else:
            await line.ask(due.statement, {"queues": [QUEUE], "worker": due.worker})
    finally:
        lines.put_nowait(line)
    late.append(time.perf_counter() - began - due.at)


async def _print_limits(server: OwnPostgres, url: str, workers: int) -> None:
    line = Line(url)
    seconds = [await _timed(Leases(line).stale(0)) for _ in range(9)]
    print(f"\nlook of the reaper at {workers} running jobs: {median(seconds) * 1000:.1f} ms")

    before = _memory(server)
    bells = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(LISTENERS)]
    for bell in bells:
        await bell.execute(f"LISTEN {MOVED}")
    memory = (_memory(server) - before) / LISTENERS / 2**20
    print(f"a connection that only listens: {memory:.1f} MiB of the server's memory")
    rings = [await _ring(line, bells) for _ in range(20)]
    print(f"NOTIFY until the last of {LISTENERS} listeners has it: {median(rings) * 1000:.0f} ms")
    for bell in bells:
        await bell.close()

    await line.ask(GROWTH, {"jobs": OLD_JOBS})
    await line.ask("VACUUM ANALYZE jobs")
    (size,) = await line.ask("SELECT pg_total_relation_size('jobs') AS bytes")
    store = PostgresJobStore(url)
    await store.open()
    listed = await _timed(_list(store))
    pending = await _timed(store.next_pending())
    print(
        f"{OLD_JOBS:,} ended jobs: {size['bytes'] / OLD_JOBS:.0f} bytes each without output, "
        f"the whole list {listed:.2f} s, the next pending {pending * 1000:.1f} ms"
    )
    await store.close()
    await line.close()


async def _ring(line: Line, bells: list[psycopg.AsyncConnection[tuple[object, ...]]]) -> float:
    async def heard(bell: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        async for _ in bell.notifies(stop_after=1):
            pass

    async with asyncio.TaskGroup() as group:
        for bell in bells:
            group.create_task(heard(bell))
        await asyncio.sleep(0)
        began = time.perf_counter()
        await line.ask(f"SELECT pg_notify('{MOVED}', '1')")
    return time.perf_counter() - began


async def _list(store: PostgresJobStore) -> None:
    async for _ in store.summaries():
        pass


async def _timed(work: object) -> float:
    began = time.perf_counter()
    await work  # type: ignore[misc]  # anything that can be awaited
    return time.perf_counter() - began


def _cpu_seconds(server: OwnPostgres) -> float:
    """Return what the server has used so far, by all of its processes, those that ended too."""
    postmaster = _postmaster(server)
    own = postmaster.cpu_times()
    ended = own.children_user + own.children_system
    living = (child.cpu_times() for child in postmaster.children())
    return float(own.user + own.system + ended + sum(one.user + one.system for one in living))


def _memory(server: OwnPostgres) -> int:
    """Return the memory of the server's processes, what they share counted once."""
    return sum(child.memory_full_info().pss for child in _postmaster(server).children())


def _postmaster(server: OwnPostgres) -> psutil.Process:
    return psutil.Process(int((server.folder / "data" / "postmaster.pid").read_text().split()[0]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["crowd"]:
        where, *numbers = sys.argv[2:]
        one, all_of_them, how_long, poll, renew = (float(number) for number in numbers)
        asyncio.run(_crowd(where, int(one), int(all_of_them), how_long, Pace(poll, renew)))
    else:
        main(*(int(number) for number in sys.argv[1:]))
