"""Jobs in PostgreSQL: any number of processes on any machines share them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from worker_python.jobs.errors import JobNotFoundError, StaleWriteError, StoreUnavailableError
from worker_python.jobs.job import Job, JobSummary, NewJob
from worker_python.jobs.order import merged
from worker_python.jobs.status import JobStatus
from worker_python.storage import postgres_dialect as sql
from worker_python.storage import rows, statements
from worker_python.storage.pool import Connection, Pool
from worker_python.storage.postgres_dialect import Row, storable, to_job, to_summaries
from worker_python.storage.postgres_schema import IDS_FROM, LAST_ID, bring_up_to_date

T = TypeVar("T")

_LARGEST_ID = 2**63 - 1
_SUMMARIES_IN_A_BATCH = 1_000
_PRUNED_IN_A_BATCH = 500


class PostgresJobStore:
    """Implements `jobs.ports.JobStore` on the database that `url` names.

    `first_id` is the smallest id a new job may get. `patience_seconds` is how long a call waits
    for a connection before it raises `StoreUnavailableError`; `connections` is how many it may use.
    """

    def __init__(
        self,
        url: str,
        *,
        first_id: int = 1,
        patience_seconds: float = 5.0,
        connections: int = 8,
    ) -> None:
        self._url = url
        self._first_id = first_id
        self.pool = Pool(url, most=connections, patience_seconds=patience_seconds)
        self._writes: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Bring the schema up to date, and connect."""
        try:
            await asyncio.to_thread(bring_up_to_date, self._url, first_id=self._first_id)
        except psycopg.Error as error:
            raise self.pool.unavailable(error) from error
        await self.pool.start()

    async def close(self) -> None:
        """Finish what is being written, and disconnect."""
        if self._writes:
            await asyncio.wait(self._writes)
        await self.pool.stop()

    async def add(self, new: NewJob) -> Job:
        """Keep a new pending job; it is on the server's disk when this returns."""
        return new.under(await self._write(self._add(rows.new_job_to_row(new))))

    async def join(self, new: NewJob) -> tuple[Job, bool]:
        """Return the pending job of the same report, or keep the new one; and whether it is new."""
        job_id, fresh = await self._write(self._join(rows.new_job_to_row(new)))
        return (new.under(job_id), True) if fresh else (await self.get(job_id), False)

    async def get(self, job_id: int) -> Job:
        """Return one job; raises `JobNotFoundError`."""
        found = []
        if job_id <= _LARGEST_ID:
            found = await self.pool.fetch(sql.GET, {"id": job_id})
        if not found:
            raise JobNotFoundError(job_id)
        return to_job(found[0])

    async def replace(self, before: Job, after: Job) -> None:
        """Write `after` if `before` is still the kept one, else raise `StaleWriteError`."""
        await self._write(self._replace(before, after))

    async def next_pending(self) -> Job | None:
        """Return the oldest pending job, without claiming it."""
        found = await self.pool.fetch(sql.NEXT_PENDING, {})
        return to_job(found[0]) if found else None

    async def with_status(self, *statuses: JobStatus) -> Sequence[Job]:
        """Return the jobs in any of these statuses, oldest first."""
        names = sorted({status.value for status in statuses})
        return [
            to_job(row) for row in await self.pool.fetch(sql.WITH_STATUSES, {"statuses": names})
        ]

    async def summaries(self) -> AsyncIterator[Sequence[JobSummary]]:
        """Yield all jobs in creation order, a thousand at a time."""
        if self._first_id == 1:
            batches = self._summaries(after=0)
        else:  # below are adopted jobs, or those of before the setting: fewer, and of an age
            found = await self.pool.fetch(sql.ADOPTED, {"first": self._first_id})
            adopted = to_summaries(found)
            batches = merged(self._summaries(after=self._first_id - 1), adopted)
        async for batch in batches:
            yield batch

    async def counts(self) -> Mapping[JobStatus, int]:
        """Return how many jobs each status has."""
        found = {row["status"]: row["jobs"] for row in await self.pool.fetch(statements.COUNTS, {})}
        return {status: found.get(status.value, 0) for status in JobStatus}

    async def oldest_pending(self) -> datetime | None:
        """Return when the job that has waited longest was created."""
        found = await self.pool.fetch(statements.OLDEST_PENDING, {})
        return rows.text_to_time(found[0]["created_at"]) if found else None

    async def prune(self, *, keep: int | None, ended_before: datetime | None) -> int:
        """Delete ended jobs beyond the newest `keep`, or ended before a moment; return how many."""
        pruned = 0
        if keep is not None:
            pruned += await self._delete(sql.PRUNE_BEYOND, keep=keep)
        if ended_before is not None:
            moment = rows.time_to_text(ended_before)
            pruned += await self._delete(sql.PRUNE_ENDED_BEFORE, moment=moment)
        return pruned

    async def adopt(self, job: Job) -> bool:
        """Keep a job of another store under its own id; False where the id is taken."""
        return await self._write(self._adopt(job))

    async def ids_from(self, first: int) -> None:
        """Give new jobs ids from `first` on, unless they are there already."""
        async with self.pool.connection() as connection:
            await connection.execute(IDS_FROM, {"last": first - 1})

    async def last_id(self) -> int:
        """Return the highest id that was ever given, pruned ones included; 0 for none."""
        found: int = (await self.pool.fetch(LAST_ID, {}))[0]["last"]
        return found

    async def _add(self, row: Mapping[str, rows.Value]) -> int:
        async with self.pool.connection() as connection:
            return await _insert(connection, row)

    async def _join(self, row: Mapping[str, rows.Value]) -> tuple[int, bool]:
        async with self.pool.connection() as connection, connection.transaction():
            await connection.execute(sql.TURN_OF_REPORT, row)
            found = await (await connection.execute(sql.WAITING_FOR, row)).fetchone()
            return (found["id"], False) if found else (await _insert(connection, row), True)

    async def _replace(self, before: Job, after: Job) -> None:
        if await self._change(before, after, storable(rows.change_to_row(before, after))) != 1:
            raise StaleWriteError(before.id, before.token)

    async def _change(self, before: Job, after: Job, row: Row) -> int:
        """Write it where `before` is the kept one; return how many jobs that were, 1 or 0."""
        del before
        has_output = after.stdout is not None or after.stderr is not None
        async with self.pool.connection() as connection:
            statement = sql.REPLACE_WITH_OUTPUT if has_output else sql.REPLACE
            return (await connection.execute(statement, row)).rowcount

    async def _adopt(self, job: Job) -> bool:
        row = storable(rows.adopted_to_row(job))
        async with self.pool.connection() as connection, connection.transaction():
            fresh = (await connection.execute(sql.ADOPT, row)).rowcount == 1
            if fresh and (job.stdout is not None or job.stderr is not None):
                await connection.execute(sql.KEEP_OUTPUT, row)
        return fresh

    async def _summaries(self, *, after: int) -> AsyncIterator[Sequence[JobSummary]]:
        most = _SUMMARIES_IN_A_BATCH
        while found := await self.pool.fetch(sql.SUMMARIES, {"after": after, "most": most}):
            yield to_summaries(found)
            after = found[-1]["id"]

    async def _delete(self, statement: str, **parameters: rows.Value) -> int:
        parameters["most"] = _PRUNED_IN_A_BATCH
        pruned, batch = 0, -1
        while batch:
            async with self.pool.connection() as connection:
                batch = (await connection.execute(statement, parameters)).rowcount
            pruned += batch
        return pruned

    async def _write(self, work: Coroutine[Any, Any, T]) -> T:
        """Write to the end even where the caller goes away."""
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)


async def _insert(connection: Connection, row: Mapping[str, rows.Value]) -> int:
    found = await (await connection.execute(sql.ADD, storable(row))).fetchone()
    if found is None:
        raise StoreUnavailableError("the job database gave no id")
    job_id: int = found["id"]
    return job_id
