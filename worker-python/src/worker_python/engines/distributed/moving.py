"""Jobs moved between a SQLite file and PostgreSQL, either way, under the ids they had."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from worker_python.jobs.errors import ConfigurationError, StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.postgres_schema import described
from worker_python.storage.sqlite import SqliteJobStore

Store = SqliteJobStore | PostgresJobStore

_FILE = "sqlite:"
_SERVER = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Moved:
    """How many jobs the source has, and how many of them the target did not have as they are."""

    source: str
    target: str
    jobs: int
    fresh: int


async def move(source: str, target: str) -> Moved:
    """Copy every job, pending ones too: whoever serves the target runs them.

    The source is left as it is. What the target has already is left out, so a move that broke off
    is begun again; a job that waited there and has ended here ends there too. Each job is written
    in a transaction of its own. Both are written `sqlite:PATH` or `postgresql://…`.

    Raises:
        ConfigurationError: they are not a file and a server.
        StoreUnavailableError: one of them is missing, does not answer or is in use, has left a job
            `running` (start and stop its service once: it settles them), or has another job under
            an id that both gave.
    """
    if {source.startswith(_FILE), target.startswith(_FILE)} != {True, False}:
        raise ConfigurationError(["one of --from and --to is sqlite:PATH, one is postgresql://…"])
    if source.startswith(_FILE):
        await _require_file(Path(source.removeprefix(_FILE)))
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(_opened(source))
        await _require_rest(old, _shown(source))
        new = await stack.enter_async_context(_opened(target))
        jobs, fresh = await _copy(old, new)
    return Moved(_shown(source), _shown(target), jobs, fresh)


@asynccontextmanager
async def _opened(address: str) -> AsyncIterator[Store]:
    store = _store(address)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _store(address: str) -> Store:
    if address.startswith(_FILE):
        return SqliteJobStore(Path(address.removeprefix(_FILE)), busy_seconds=1.0)
    if address.startswith(_SERVER):
        return PostgresJobStore(address)
    raise ConfigurationError([f"{_shown(address)} is neither sqlite:PATH nor postgresql://…"])


def _shown(address: str) -> str:
    return address if address.startswith(_FILE) else described(address)


async def _require_file(path: Path) -> None:
    if not await asyncio.to_thread(path.exists):
        raise StoreUnavailableError(f"there is no job database {path}")


async def _require_rest(old: Store, shown: str) -> None:
    running = await old.with_status(JobStatus.RUNNING)
    if running:
        raise StoreUnavailableError(
            f"job {running[0].id} in {shown} is running: start and stop its service first"
        )


async def _copy(old: Store, new: Store) -> tuple[int, int]:
    jobs = fresh = 0
    async for batch in old.summaries():
        for summary in batch:
            fresh += await _keep(await old.get(summary.id), new)
            jobs += 1
    await new.ids_from(await old.last_id() + 1)
    return jobs, fresh


async def _keep(job: Job, new: Store) -> bool:
    """Keep a job that is not there, or has ended since it was moved there; False for any other."""
    if await new.adopt(job):
        return True
    kept = await new.get(job.id)
    if (kept.created_at, kept.report_id) != (job.created_at, job.report_id):
        raise StoreUnavailableError(f"both stores gave the id {job.id}, to different jobs")
    if kept.status is not JobStatus.PENDING or not job.status.terminal:
        return False
    await new.replace(kept, job)
    return True
