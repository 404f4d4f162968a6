"""Jobs in one SQLite file: durable before they are acknowledged, and never in the loop's way."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from worker_python.jobs.errors import JobNotFoundError, StaleWriteError
from worker_python.jobs.job import Job, JobSummary, NewJob
from worker_python.jobs.order import merged
from worker_python.jobs.status import JobStatus
from worker_python.storage import rows, statements
from worker_python.storage.adoption import insert_one
from worker_python.storage.connection import connect, make_folder, unavailable
from worker_python.storage.migration import bring_up_to_date
from worker_python.storage.ownership import Ownership
from worker_python.storage.reader import Reader
from worker_python.storage.writer import Writer

_JUMP = statements.JUMP_TO_FIRST_ID
_LARGEST_ID = 2**63 - 1
_SUMMARIES_IN_A_BATCH = 1_000
_PRUNED_IN_A_BATCH = 500


class SqliteJobStore:
    """Implements `jobs.ports.JobStore` on a file that belongs to one running service.

    `first_id` is the smallest id a new job may get. `busy_seconds` is how long a call waits for
    another process that holds the file before it raises `StoreUnavailableError`.
    """

    def __init__(self, path: Path, *, first_id: int = 1, busy_seconds: float = 5.0) -> None:
        self._path = path
        self._first_id = first_id
        self._busy_seconds = busy_seconds
        self._ownership = Ownership(path)
        self._writer = Writer(self._prepare, lambda error: unavailable(path, error))
        self._reader = Reader(path, busy_seconds=busy_seconds)

    async def open(self) -> None:
        """Own the file, bring its schema up to date, connect."""
        await self._writer.start()
        try:
            await self._reader.start()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what is being written, disconnect, and let go of the file."""
        await self._reader.stop()
        await self._writer.stop()
        self._ownership.release()

    async def add(self, new: NewJob) -> Job:
        """Keep a new pending job; it is on disk when this returns."""
        row = rows.new_job_to_row(new)
        job_id: int = await self._writer.run(lambda connection: _insert(connection, row))
        return new.under(job_id)

    async def join(self, new: NewJob) -> tuple[Job, bool]:
        """Return the pending job of the same report, or keep the new one; and whether it is new."""
        row = rows.new_job_to_row(new)

        def insert_unless_waiting(connection: sqlite3.Connection) -> tuple[int, bool]:
            found = connection.execute(statements.WAITING_FOR, row).fetchone()
            return (_insert(connection, row), True) if found is None else (found[0], False)

        job_id, fresh = await self._writer.run(insert_unless_waiting)
        return (new.under(job_id), True) if fresh else (await self.get(job_id), False)

    async def get(self, job_id: int) -> Job:
        """Return one job; raises `JobNotFoundError`."""
        found = None
        if job_id <= _LARGEST_ID:
            found = await self._reader.look_up(statements.GET, {"id": job_id})
        if found is None:
            raise JobNotFoundError(job_id)
        return rows.row_to_job(found)

    async def replace(self, before: Job, after: Job) -> None:
        """Write `after` if `before` is still the kept one, else raise `StaleWriteError`."""
        row = rows.change_to_row(before, after)

        def update(connection: sqlite3.Connection) -> None:
            if connection.execute(statements.REPLACE, row).rowcount != 1:
                raise StaleWriteError(before.id, before.token)
            if after.stdout is not None or after.stderr is not None:
                connection.execute(statements.KEEP_OUTPUT, row)

        await self._writer.run(update)

    async def next_pending(self) -> Job | None:
        """Return the oldest pending job, without claiming it."""
        found = await self._reader.look_up(statements.NEXT_PENDING, {})
        return None if found is None else rows.row_to_job(found)

    async def with_status(self, *statuses: JobStatus) -> Sequence[Job]:
        """Return the jobs in any of these statuses, oldest first."""
        found = {
            row["id"]: rows.row_to_job(row)
            for status in statuses
            for row in await self._reader.scan(statements.WITH_STATUS, {"status": status.value})
        }
        return [found[job_id] for job_id in sorted(found)]

    async def summaries(self) -> AsyncIterator[Sequence[JobSummary]]:
        """Yield all jobs in creation order, a thousand at a time."""
        if self._first_id == 1:
            batches = self._summaries(after=0)
        else:  # below are adopted jobs, or those of before the setting: fewer, and of an age
            found = await self._reader.scan_plain(statements.ADOPTED, {"first": self._first_id})
            adopted = rows.to_summaries(found)
            batches = merged(self._summaries(after=self._first_id - 1), adopted)
        async for batch in batches:
            yield batch

    async def adopt(self, job: Job) -> bool:
        """Keep a job of another store under its own id; False where the id is taken."""
        fresh: int = await self._writer.run(lambda connection: insert_one(connection, job))
        return fresh == 1

    async def ids_from(self, first: int) -> None:
        """Give new jobs ids from `first` on, unless they are there already."""
        last = {"last": first - 1}
        await self._writer.run(lambda connection: connection.execute(_JUMP, last))

    async def last_id(self) -> int:
        """Return the highest id that was ever given, pruned ones included; 0 for none."""
        found = await self._reader.look_up(statements.LAST_ID, {})
        return 0 if found is None else int(found["seq"])

    async def _summaries(self, *, after: int) -> AsyncIterator[Sequence[JobSummary]]:
        most = _SUMMARIES_IN_A_BATCH
        while found := await self._reader.scan_plain(
            statements.SUMMARIES, {"after": after, "most": most}
        ):
            batch = rows.to_summaries(found)
            yield batch
            after = batch[-1].id

    async def counts(self) -> Mapping[JobStatus, int]:
        """Return how many jobs each status has."""
        rows_found = await self._reader.scan(statements.COUNTS, {})
        found = {row["status"]: row["jobs"] for row in rows_found}
        return {status: found.get(status.value, 0) for status in JobStatus}

    async def oldest_pending(self) -> datetime | None:
        """Return when the job that has waited longest was created."""
        found = await self._reader.look_up(statements.OLDEST_PENDING, {})
        return None if found is None else rows.text_to_time(found["created_at"])

    async def prune(self, *, keep: int | None, ended_before: datetime | None) -> int:
        """Delete ended jobs beyond the newest `keep`, or ended before a moment; return how many.

        It goes in small transactions, between which creates and results are written.
        """
        pruned = 0
        if keep is not None:
            pruned += await self._delete(statements.PRUNE_BEYOND, keep=keep)
        if ended_before is not None:
            moment = rows.time_to_text(ended_before)
            pruned += await self._delete(statements.PRUNE_ENDED_BEFORE, moment=moment)
        return pruned

    async def _delete(self, statement: str, **parameters: rows.Value) -> int:
        parameters["most"] = _PRUNED_IN_A_BATCH
        pruned = 0
        while batch := await self._writer.run(
            lambda connection: connection.execute(statement, parameters).rowcount
        ):
            pruned += batch
        return pruned

    def _prepare(self) -> sqlite3.Connection:
        """Connect, in the writer's thread, to a file that is ours and up to date."""
        make_folder(self._path)
        self._ownership.acquire(within_seconds=self._busy_seconds)
        try:
            return self._connect()
        except BaseException as error:
            self._ownership.release()
            if isinstance(error, sqlite3.Error):
                raise unavailable(self._path, error) from error
            raise

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self._path, busy_seconds=self._busy_seconds)
        try:
            bring_up_to_date(connection, self._path)
            connection.execute(_JUMP, {"last": self._first_id - 1})
        except BaseException:
            connection.close()
            raise
        return connection


def _insert(connection: sqlite3.Connection, row: Mapping[str, rows.Value]) -> int:
    found: tuple[int] = connection.execute(statements.ADD, row).fetchone()
    return found[0]
