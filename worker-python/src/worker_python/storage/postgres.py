"""Jobs in PostgreSQL: any number of processes on any machines share them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from psycopg.rows import DictRow

from worker_python.jobs.errors import JobNotFoundError, StaleWriteError, StoreUnavailableError
from worker_python.jobs.job import Job, JobSummary, NewJob
from worker_python.jobs.order import merged
from worker_python.jobs.status import JobStatus
from worker_python.storage import rows, statements
from worker_python.storage.pool import Connection, Pool
from worker_python.storage.postgres_schema import IDS_FROM, LAST_ID, bring_up_to_date

T = TypeVar("T")

_LARGEST_ID = 2**63 - 1
_SUMMARIES_IN_A_BATCH = 1_000
_PRUNED_IN_A_BATCH = 500

# PostgreSQL's text has no U+0000, a process's output may: it and its stand-in are written as pairs.
_STAND_IN = "\uf8ff"
_TEXTS = ("request_id", "error", "stdout", "stderr")


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
            found = await self.pool.fetch(_GET, {"id": job_id})
        if not found:
            raise JobNotFoundError(job_id)
        return _job(found[0])

    async def replace(self, before: Job, after: Job) -> None:
        """Write `after` if `before` is still the kept one, else raise `StaleWriteError`."""
        await self._write(self._replace(before, after))

    async def next_pending(self) -> Job | None:
        """Return the oldest pending job, without claiming it."""
        found = await self.pool.fetch(_NEXT_PENDING, {})
        return _job(found[0]) if found else None

    async def with_status(self, *statuses: JobStatus) -> Sequence[Job]:
        """Return the jobs in any of these statuses, oldest first."""
        names = sorted({status.value for status in statuses})
        return [_job(row) for row in await self.pool.fetch(_WITH_STATUSES, {"statuses": names})]

    async def summaries(self) -> AsyncIterator[Sequence[JobSummary]]:
        """Yield all jobs in creation order, a thousand at a time."""
        if self._first_id == 1:
            batches = self._summaries(after=0)
        else:  # below are adopted jobs, or those of before the setting: fewer, and of an age
            found = await self.pool.fetch(_ADOPTED, {"first": self._first_id})
            adopted = [rows.row_to_summary(row.values()) for row in found]
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
            pruned += await self._delete(_PRUNE_BEYOND, keep=keep)
        if ended_before is not None:
            moment = rows.time_to_text(ended_before)
            pruned += await self._delete(_PRUNE_ENDED_BEFORE, moment=moment)
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
            await connection.execute(_TURN_OF_REPORT, row)
            found = await (await connection.execute(_WAITING_FOR, row)).fetchone()
            return (found["id"], False) if found else (await _insert(connection, row), True)

    async def _replace(self, before: Job, after: Job) -> None:
        row = _storable(rows.change_to_row(before, after))
        has_output = after.stdout is not None or after.stderr is not None
        async with self.pool.connection() as connection:
            statement = _REPLACE_WITH_OUTPUT if has_output else _REPLACE
            if (await connection.execute(statement, row)).rowcount != 1:
                raise StaleWriteError(before.id, before.token)

    async def _adopt(self, job: Job) -> bool:
        row = _storable(rows.adopted_to_row(job))
        async with self.pool.connection() as connection, connection.transaction():
            fresh = (await connection.execute(_ADOPT, row)).rowcount == 1
            if fresh and (job.stdout is not None or job.stderr is not None):
                await connection.execute(_KEEP_OUTPUT, row)
        return fresh

    async def _summaries(self, *, after: int) -> AsyncIterator[Sequence[JobSummary]]:
        most = _SUMMARIES_IN_A_BATCH
        while found := await self.pool.fetch(_SUMMARIES, {"after": after, "most": most}):
            yield [rows.row_to_summary(row.values()) for row in found]
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
    found = await (await connection.execute(_ADD, _storable(row))).fetchone()
    if found is None:
        raise StoreUnavailableError("the job database gave no id")
    job_id: int = found["id"]
    return job_id


def _in_its_words(statement: str) -> str:
    """Write `:name` as psycopg wants it."""
    return re.sub(r"(?<!\w):([a-z]\w*)", r"%(\1)s", statement)


def _with_iso_times(statement: str) -> str:
    """Have the times of a list written as they are shown."""
    iso = """to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS created_at"""
    return statement.replace("status, created_at", f"status, {iso}")


def _storable(row: Mapping[str, rows.Value]) -> dict[str, rows.Value]:
    return {name: _escaped(value) for name, value in row.items()}


def _escaped(value: rows.Value) -> rows.Value:
    if not isinstance(value, str) or ("\0" not in value and _STAND_IN not in value):
        return value
    return value.replace(_STAND_IN, f"{_STAND_IN}1").replace("\0", f"{_STAND_IN}0")


def _job(row: DictRow) -> Job:
    for name in _TEXTS:
        if row[name] is not None and _STAND_IN in row[name]:
            text = row[name].replace(f"{_STAND_IN}0", "\0")
            row[name] = text.replace(f"{_STAND_IN}1", _STAND_IN)
    return rows.row_to_job(row)


_ADD = _in_its_words(statements.ADD)
_ADOPT = _in_its_words(statements.ADOPT)
_ADOPTED = _in_its_words(_with_iso_times(statements.ADOPTED))
_GET = _in_its_words(statements.GET)
_KEEP_OUTPUT = _in_its_words(statements.KEEP_OUTPUT)
_NEXT_PENDING = statements.NEXT_PENDING
_PRUNE_BEYOND = _in_its_words(statements.PRUNE_BEYOND)
_PRUNE_ENDED_BEFORE = _in_its_words(statements.PRUNE_ENDED_BEFORE)
_REPLACE = _in_its_words(statements.REPLACE)
_REPLACE_WITH_OUTPUT = f"""
    WITH moved AS ({_REPLACE} RETURNING id),
    kept AS (
        INSERT INTO job_outputs (job_id, stdout, stderr)
        SELECT id, %(stdout)s, %(stderr)s FROM moved
        ON CONFLICT (job_id) DO UPDATE SET stdout = excluded.stdout, stderr = excluded.stderr
    )
    SELECT id FROM moved
"""  # noqa: S608  # constants; one statement, so that it goes there and back once
_SUMMARIES = _in_its_words(_with_iso_times(statements.SUMMARIES))
_TURN_OF_REPORT = """
    SELECT pg_advisory_xact_lock(hashtextextended('worker-python report ' || %(report_id)s, 0))
"""
_WAITING_FOR = _in_its_words(statements.WAITING_FOR)
_WITH_STATUSES = _in_its_words(
    statements.WITH_STATUS.replace("= :status", "= ANY(:statuses)"),
)
