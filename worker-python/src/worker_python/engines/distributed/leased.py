"""The job store of workers: a claim begins the attempt's lease, the write of its end gives it up.

Each is one way there and back, so that no job runs without a lease and none outlives its job.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from psycopg.errors import LockNotAvailable

from worker_python.engines.distributed import gate
from worker_python.engines.distributed.bell import MOVED
from worker_python.engines.local.context import delays
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.jobs.status import JobStatus
from worker_python.storage.postgres import PostgresJobStore
from worker_python.storage.postgres_dialect import (
    MOVED_WITH_OUTPUT,
    NEXT_PENDING,
    REPLACE,
    Row,
    to_job,
)

_PLACE = "(SELECT count(*) FROM jobs AS other WHERE other.status = 'running') < %(places)s"

_NEXT = NEXT_PENDING.replace("ORDER BY", f"AND {_PLACE} AND {gate.OPEN} ORDER BY")
_CLAIM = f"""
    WITH claimed AS ({REPLACE} AND {_PLACE} RETURNING id, token)
    INSERT INTO job_attempts (job_id, token) SELECT id, token FROM claimed
"""  # noqa: S608  # constants
_END = f"""
    {MOVED_WITH_OUTPUT}, ended AS (
        DELETE FROM job_attempts AS held USING moved
        WHERE held.job_id = moved.id AND held.token <= moved.token
    )
    SELECT pg_notify('{MOVED}', id::text) FROM moved
"""  # noqa: S608  # constants


class LeasedJobStore(PostgresJobStore):
    """Lets at most `places` jobs run at a time on the whole database, whoever claims them."""

    def __init__(self, url: str, *, first_id: int = 1, places: int = 1) -> None:
        super().__init__(url, first_id=first_id)
        self._places = places
        self._closing = asyncio.Event()

    async def close(self) -> None:
        """Finish what is being written, and disconnect; a claim in doubt is left to the reaper."""
        self._closing.set()
        await super().close()

    async def next_pending(self) -> Job | None:
        """Return the oldest pending job; None too where it may not start now."""
        found = await self.pool.fetch(_NEXT, {"places": self._places})
        return to_job(found[0]) if found else None

    async def _change(self, before: Job, after: Job, row: Row) -> int:
        if after.status is JobStatus.RUNNING and before.status is not JobStatus.RUNNING:
            return await self._claim(after, row)
        if before.status is JobStatus.RUNNING and after.status is not JobStatus.RUNNING:
            async with self.pool.connection() as connection:
                return (await connection.execute(_END, row)).rowcount
        return await super()._change(before, after, row)

    async def _claim(self, after: Job, row: Row) -> int:
        """Claim, and know whether it was done: who does not hear the answer asks for it.

        Otherwise the job would be `running` without anybody who runs it.
        """
        try:
            return await self._send_claim(row)
        except StoreUnavailableError:
            return await self._was_kept(after)

    async def _send_claim(self, row: Row) -> int:
        """Send the transaction as a whole: who is stopped half-way bars nobody."""
        async with self.pool.connection() as connection:
            try:
                async with connection.pipeline(), connection.transaction():
                    for statement in gate.PASS:
                        await connection.execute(statement)
                    claimed = await connection.execute(_CLAIM, {**row, "places": self._places})
            except LockNotAvailable:
                return 0
            return claimed.rowcount

    async def _was_kept(self, after: Job) -> int:
        """Return how many jobs were claimed; raises only where this store is closed first."""
        for delay in delays():
            try:
                return int(await self.get(after.id) == after)
            except StoreUnavailableError:
                if self._closing.is_set():
                    raise
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), delay)
        return 0
