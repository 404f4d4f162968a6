"""What the job store costs: creates, lookups, moves, lists. `python benchmarks/store.py`.

Every figure is taken beside a yardstick in the same run: one forced commit a create, a list
serialised from memory. Takes about fifteen seconds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from worker_python.jobs import lifecycle
from worker_python.jobs.attempt import Ending, Outcome
from worker_python.jobs.job import JobSummary, NewJob
from worker_python.storage.sqlite import SqliteJobStore

JOBS = 100_000
OUTPUT = "x" * 2_000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        print("| what | figure | beside it |")
        print("|---|---|---|")
        asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> None:
    print(f"| import of the store | {_milliseconds_to_import():.0f} ms | |")
    store = SqliteJobStore(folder / "jobs.db")
    took = await _timed(store.open)
    print(f"| open, empty | {took * 1000:.1f} ms | |")
    try:
        await _creates(store, folder)
        await _lookups(store)
        await _moves(store)
        await _lists(store)
    finally:
        await store.close()
    print(f"| open, {JOBS} jobs | {await _timed(store.open) * 1000:.1f} ms | |")
    await store.close()


async def _creates(store: SqliteJobStore, folder: Path) -> None:
    bare = _bare_commits(folder / "bare.db")
    for clients in (1, 16, 256):
        rate = await _per_second(6_000, clients, lambda _: store.add(_new()))
        print(
            f"| durable creates/s, {clients} clients | {rate:,.0f} | {bare:,.0f} bare commits/s |"
        )
    missing = JOBS - sum((await store.counts()).values())
    await _per_second(missing, 500, lambda _: store.add(_new()))


async def _lookups(store: SqliteJobStore) -> None:
    rate = await _per_second(20_000, 1, lambda number: store.get(number + 1))
    print(f"| lookups/s | {rate:,.0f} | |")


async def _moves(store: SqliteJobStore) -> None:
    untouched = itertools.count(1)

    async def move(_: int) -> None:
        job = await store.get(next(untouched))
        running = lifecycle.claim(job, marker="word", now=_now())
        await store.replace(job, running)
        done = Outcome(Ending.EXITED, 0, OUTPUT, "", seconds=1)
        await store.replace(running, lifecycle.settle(running, done, now=_now()))

    for clients in (1, 16):
        rate = await _per_second(2_000, clients, move)
        print(f"| claims and results/s, {clients} clients | {rate:,.0f} | |")


async def _lists(store: SqliteJobStore) -> None:
    print(f"| counts of {JOBS} | {await _timed(store.counts) * 1000:.1f} ms | |")
    print(f"| oldest pending of {JOBS} | {await _timed(store.oldest_pending) * 1e6:.0f} µs | |")
    kept = [summary async for batch in store.summaries() for summary in batch]
    began = time.perf_counter()
    _serialise(kept)
    from_memory = time.perf_counter() - began
    del kept

    async def stream() -> None:
        async for batch in store.summaries():
            _serialise(batch)

    took = await _timed(stream)
    print(
        f"| list of {JOBS}, serialised | {took * 1000:.0f} ms | "
        f"{took / from_memory:.2f} × from memory ({from_memory * 1000:.0f} ms) |"
    )
    tracemalloc.start()
    await stream()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"| peak memory of that list | {peak / 1024:,.0f} KiB | |")


def _serialise(summaries: Sequence[JobSummary]) -> str:
    return json.dumps(
        [{"jobId": one.id, "status": one.status, "createdAt": one.created_at} for one in summaries]
    )


async def _per_second(number: int, clients: int, work: Callable[[int], Awaitable[object]]) -> float:
    async def client(which: int) -> None:
        for turn in range(which, number, clients):
            await work(turn)

    began = time.perf_counter()
    await asyncio.gather(*(client(which) for which in range(clients)))
    return number / (time.perf_counter() - began)


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _bare_commits(path: Path) -> float:
    """Return how often a second this disk takes a forced commit of one row."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (word TEXT)")
    for turn in range(4_000):
        if turn == 2_000:  # the log has its size by now: a file that grows is slower to sync
            began = time.perf_counter()
        connection.execute("INSERT INTO rows VALUES ('word')")
    rate = 2_000 / (time.perf_counter() - began)
    connection.close()
    return rate


def _milliseconds_to_import() -> float:
    program = (
        "import time; began = time.perf_counter(); import worker_python.storage.sqlite; "
        "print((time.perf_counter() - began) * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return float(done.stdout)


def _new() -> NewJob:
    return NewJob(_now(), report_id=84)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
