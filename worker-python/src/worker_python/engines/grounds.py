"""What an engine under test stands on: its database, and how whoever uses that is cut off.

Every kind of engine has one, and passes the same tests on it; never for service.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg

from worker_python.engines.distributed import (
    DistributedEngine,
    DistributedOptions,
    LeasedJobStore,
    Worker,
)
from worker_python.engines.local import Keep, LocalEngine, LocalOptions, Retry
from worker_python.engines.local.context import Context
from worker_python.jobs.ports import Engine, JobStore
from worker_python.storage.sqlite import SqliteJobStore

MAINTENANCE_MARKER = "maintenance"

Kept = tuple[str, bool, bool]
"""Of the first job: its status, whether there is a marker, whether there is a pid."""

_FIRST = "SELECT status, marker IS NOT NULL, pid IS NOT NULL FROM jobs WHERE id = 1"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a test wants of an engine. `late`: it starts long after another has gone."""

    most: int = 1
    drain_seconds: float = 0.0
    join_waiting: bool = False
    retry: Retry = field(default_factory=Retry)
    keep: Keep = field(default_factory=Keep)
    cancel_patience_seconds: float = 20.0
    late: bool = False


DEFAULTS = Wishes()


class Ground(Protocol):
    """A database, and engines on it."""

    def store(self, wishes: Wishes = DEFAULTS) -> JobStore:
        """Return another store on the database."""

    def engine(self, context: Context, wishes: Wishes) -> Engine:
        """Return an engine on a store for the same wishes, which is open when the engine starts."""

    def kept(self) -> Kept:
        """Return what the database has. Blocks."""

    def cut_off(self) -> None:
        """Let whoever is connected write nothing more, as if they were dead. Blocks."""

    def hours_later(self) -> None:
        """Let others in, after a time in which nothing was heard of the dead. Blocks."""


@dataclass(frozen=True, slots=True)
class LocalGround:
    """A SQLite file. Who is dead wrote nothing more because the test's store refused it."""

    path: Path

    def store(self, wishes: Wishes = DEFAULTS) -> JobStore:
        """Return another store on the file."""
        del wishes
        return SqliteJobStore(self.path)

    def engine(self, context: Context, wishes: Wishes) -> Engine:
        """Return a local engine."""
        return LocalEngine(
            context.store,
            context.executor,
            context.command_for,
            context.clock,
            options=LocalOptions(
                max_concurrent_jobs=wishes.most,
                drain_seconds=wishes.drain_seconds,
                join_waiting=wishes.join_waiting,
                retry=wishes.retry,
                keep=wishes.keep,
                maintenance_marker=MAINTENANCE_MARKER,
            ),
            observer=context.observer,
            reached=context.reached,
            pause=context.pause,
        )

    def kept(self) -> Kept:
        """Return what the file has."""
        connection = sqlite3.connect(self.path)
        try:
            status, marked, known = connection.execute(_FIRST).fetchone()
        finally:
            connection.close()
        return status, bool(marked), bool(known)

    def cut_off(self) -> None:
        """Do nothing: see above."""

    def hours_later(self) -> None:
        """Do nothing: who is dead is known by the lock of the file."""


@dataclass(frozen=True, slots=True)
class DistributedGround:
    """A PostgreSQL database; `server` is another one of the same server."""

    url: str
    server: str

    def store(self, wishes: Wishes = DEFAULTS) -> JobStore:
        """Return another store on the database."""
        return LeasedJobStore(self.url, places=wishes.most)

    def engine(self, context: Context, wishes: Wishes) -> Engine:
        """Return a process that takes jobs and one that runs them, in this one."""
        kind = _HastyOptions if wishes.late else DistributedOptions
        options = kind(
            max_concurrent_jobs=wishes.most,
            drain_seconds=wishes.drain_seconds,
            join_waiting=wishes.join_waiting,
            cancel_patience_seconds=wishes.cancel_patience_seconds,
            retry=wishes.retry,
            keep=wishes.keep,
        )
        pool = context.store.pool  # type: ignore[attr-defined]  # of the store above
        worker = Worker(self.url, pool, context, options)
        return _Together(DistributedEngine(self.url, context, options), worker)

    def kept(self) -> Kept:
        """Return what the database has."""
        with psycopg.connect(self.url) as connection:
            status, marked, known = connection.execute(_FIRST).fetchone() or ("", False, False)
        return status, marked, known

    def cut_off(self) -> None:
        """Let nobody in, and throw out who is."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false')
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [self._name],
            )

    def let_in(self) -> None:
        """Let others in again."""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true')

    def hours_later(self) -> None:
        """Let others in, and let every sign of life be old."""
        self.let_in()
        with psycopg.connect(self.url) as connection:
            connection.execute("UPDATE job_attempts SET renewed_at = renewed_at - interval '1 h'")
            connection.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 h'"
            )

    @property
    def _name(self) -> str:
        return self.url.rpartition("/")[2]


class _HastyOptions(DistributedOptions):
    """Looks for the dead all the time, and believes the living as long as ever."""

    @property
    def look_seconds(self) -> float:
        return 0.05


class _Together:
    """Both halves of the distributed engine: who takes jobs, and who runs them."""

    def __init__(self, engine: DistributedEngine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker
        self._slots = worker._slots  # noqa: SLF001  # where the local engine has them
        self.submit, self.cancel, self.quiet = engine.submit, engine.cancel, engine.quiet

    @property
    def active(self) -> int:
        return self._worker.active

    async def start(self) -> None:
        await self._engine.start()
        await self._worker.start()

    async def stop(self) -> None:
        await asyncio.gather(self._engine.stop(), self._worker.stop())
