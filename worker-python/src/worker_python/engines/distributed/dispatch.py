"""Procrastinate: tells a worker that jobs are pending, one worker a lane at a time.

What it hands out is a turn, not a job: who has one takes pending jobs until there is none. Which
is next, whether it may start, and what becomes of it, is decided in the job store. A turn too many
does nothing; one too few is put back by the sweep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, AppNotOpen, ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from worker_python.engines.distributed.leases import SCHEMA
from worker_python.engines.distributed.line import Line
from worker_python.engines.distributed.sharing import Shared
from worker_python.engines.local.context import report
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.storage.pool import PATIENCE

QUEUE = "deduper"
TASK = "worker_python.take_turn"

_LOCK_OF_SCHEMA = 7_305_805_541_002

_WITHOUT_TURN = """
    SELECT lane FROM generate_series(1, %(lanes)s) AS lane WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = 'lane-' || lane
    )
"""
_PENDING = "SELECT id FROM jobs WHERE status = 'pending' LIMIT 1"


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
    """Lets workers know of pending jobs. `lanes` is how many turns are taken at a time."""

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
        self._send_everywhere = Shared(self._send_now)

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

    def on_turn(self, take: Callable[[], Awaitable[None]]) -> None:
        """Name what a worker does when it has a turn."""

        async def take_turn() -> None:
            await take()

        self.app.task(name=TASK, queue=QUEUE)(take_turn)

    async def send(self) -> None:
        """Have a turn taken in every lane, after the one that is being taken.

        Raises:
            StoreUnavailableError: it cannot be sent now; the sweep will.
        """
        await self._send_everywhere()

    async def send_soon(self) -> None:
        """Send now, or leave it to the sweep, which is reported: what is pending is kept."""
        try:
            await self.send()
        except StoreUnavailableError as error:
            report("what is pending will be found later", error)

    async def sweep(self, line: Line) -> None:
        """Send turns where a job is pending: one was not sent, or was lost on the way."""
        if await line.ask(_PENDING):
            await self.send()

    async def free(self, stalled_seconds: float) -> None:
        """Give back the lanes of workers that are gone; raises `StoreUnavailableError`.

        A job that one of them has left running still has its place.
        """
        manager = self.app.job_manager
        try:
            for turn in await manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=stalled_seconds
            ):
                await manager.finish_job(turn, status=Status.ABORTED, delete_job=True)
        except ConnectorException as error:
            raise StoreUnavailableError(f"no lane can be given back: {error}") from error

    async def _send_now(self) -> None:
        try:
            connector = self.app.connector
            found = await connector.execute_query_all_async(_WITHOUT_TURN, lanes=self._lanes)
            for row in found:
                await self._send(f"lane-{row['lane']}")
        except (AppNotOpen, ConnectorException) as error:
            raise StoreUnavailableError(f"no worker can be told: {error}") from error

    async def _send(self, lane: str) -> None:
        task = self.app.configure_task(TASK, queue=QUEUE, lock=lane, queueing_lock=lane)
        with suppress(AlreadyEnqueued):  # another process was faster
            await task.defer_async()
