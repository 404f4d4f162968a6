"""Jobs of a SQLite file moved into PostgreSQL, under the ids they had."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.sqlite import SqliteJobStore


@dataclass(frozen=True, slots=True)
class Moved:
    """How many jobs the file has, and how many of them were not in the database yet."""

    jobs: int
    fresh: int


async def move(source: Path, url: str) -> Moved:
    """Copy every job, pending ones too: the workers' sweep finds and runs them.

    The file is left as it is: it is the way back. What was copied before is left out, so a move
    that broke off is begun again. Each job is written in a transaction of its own.

    Raises:
        StoreUnavailableError: the file is missing, a service is using it, or has left a job
            `running` (start and stop that service once: it settles them); or the database does
            not answer.
    """
    if not await asyncio.to_thread(source.exists):
        raise StoreUnavailableError(f"there is no job database {source}")
    old, new = SqliteJobStore(source, busy_seconds=1.0), PostgresJobStore(url)
    await old.open()
    try:
        await _require_rest(old, source)
        await new.open()
        try:
            return await _copy(old, new)
        finally:
            await new.close()
    finally:
        await old.close()


async def _require_rest(old: SqliteJobStore, source: Path) -> None:
    running = await old.with_status(JobStatus.RUNNING)
    if running:
        raise StoreUnavailableError(
            f"job {running[0].id} in {source} is running: start and stop its service first"
        )


async def _copy(old: SqliteJobStore, new: PostgresJobStore) -> Moved:
    jobs = fresh = last = 0
    async for batch in old.summaries():
        for summary in batch:
            fresh += await new.adopt(await old.get(summary.id))
            jobs, last = jobs + 1, max(last, summary.id)
    await new.ids_from(last + 1)
    return Moved(jobs, fresh)
