"""Procrastinate: hands each pending job to one worker, one lane at a time, in order.

What it hands out is a hint, not a promise: that a job of some lane is pending. Which one is next,
whether it may start, and what becomes of it, is decided in the job store. A hint too many does
nothing; one too few is put back by the sweep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, AppNotOpen, ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from worker_python.engines.distributed.leases import SCHEMA
from worker_python.engines.distributed.line import Line
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.pool import PATIENCE

QUEUE = "deduper"
TASK = "worker_python.run"

_LOCK_OF_SCHEMA = 7_305_805_541_002
_LEAST_PRIORITY = -(2**31)

_UNSENT = """
    SELECT id FROM jobs WHERE status = 'pending' AND NOT EXISTS (
        SELECT FROM procrastinate_jobs AS sent
        WHERE sent.queueing_lock = 'job-' || jobs.id AND sent.status IN ('todo', 'doing')
    ) ORDER BY id LIMIT 1000
"""


async def make_schema(url: str) -> None:
    """Make Procrastinate's tables and ours, unless they are there; one process at a time."""
    line = Line(url)
    try:
        await line.ask("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK_OF_SCHEMA})
        (known,) = await line.ask("SELECT to_regclass('procrastinate_jobs') AS tables")
        if known["tables"] is None:
            await line.ask(procrastinate.schema.SchemaManager.get_schema())
        await line.ask(SCHEMA)
    finally:
        await line.close()


class Dispatch:
    """Sends jobs to workers. `lanes` is how many may run at a time on the whole database.

    A job's lane follows from its id.
    """

    def __init__(self, url: str, *, lanes: int, patience_seconds: float) -> None:
        self._lanes = lanes
        connector = procrastinate.PsycopgConnector(
            conninfo=url,
            min_size=1,
            max_size=4,
            timeout=patience_seconds,
            reconnect_timeout=patience_seconds,
            kwargs=dict(PATIENCE),
        )
        self.app = procrastinate.App(connector=connector)

    async def open(self) -> None:
        """Connect; raises `StoreUnavailableError`."""
        try:
            await self.app.open_async()
        except BaseException as error:
            await self.app.close_async()  # or its pool would try to connect for ever
            if isinstance(error, ConnectorException | PoolTimeout):
                raise StoreUnavailableError(f"the job database does not answer: {error}") from error
            raise

    async def close(self) -> None:
        """Disconnect."""
        await self.app.close_async()

    def lane_of(self, job_id: int) -> int:
        """Return the lane that a job waits in."""
        return job_id % self._lanes

    def on_turn(self, take: Callable[[int], Awaitable[None]]) -> None:
        """Name what a worker does when it is the turn of a lane."""

        async def run_job(job_id: int) -> None:
            await take(self.lane_of(job_id))

        self.app.task(name=TASK, queue=QUEUE)(run_job)

    async def send(self, job_id: int) -> None:
        """Let a worker have the job when its turn comes; nothing where it is waiting already.

        Raises:
            StoreUnavailableError: it cannot be sent now; the sweep will.
        """
        task = self.app.configure_task(
            TASK,
            queue=QUEUE,
            lock=f"lane-{self.lane_of(job_id)}",
            queueing_lock=f"job-{job_id}",
            priority=max(-job_id, _LEAST_PRIORITY),  # older first, whoever sent it
        )
        try:
            await task.defer_async(job_id=job_id)
        except AlreadyEnqueued:
            return
        except (AppNotOpen, ConnectorException) as error:
            raise StoreUnavailableError(f"job {job_id} cannot be sent: {error}") from error

    async def sweep(self, line: Line) -> None:
        """Send what is pending and was not sent, or was lost on the way."""
        for row in await line.ask(_UNSENT):
            await self.send(row["id"])

    async def free(
        self, stalled_seconds: float, *, taken: Callable[[int], Awaitable[bool]]
    ) -> None:
        """Give back the lanes of workers that are gone, but those in which a job still runs.

        The turn is taken anew before it is given back: whoever waits behind it stays there.
        """
        manager = self.app.job_manager
        try:
            gone = await manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=stalled_seconds
            )
            for sent in gone:
                job_id = int(str(sent.task_kwargs["job_id"]))
                if not await taken(self.lane_of(job_id)):
                    await self.send(job_id)
                    await manager.finish_job(sent, status=Status.ABORTED, delete_job=True)
        except ConnectorException as error:
            raise StoreUnavailableError(f"no lane can be given back: {error}") from error
