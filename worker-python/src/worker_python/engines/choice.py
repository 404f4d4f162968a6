"""Which store and which engine the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from worker_python.engines.local import LocalEngine, LocalOptions
from worker_python.engines.local.context import Context
from worker_python.engines.local.retention import Keep
from worker_python.engines.local.retry import Retry
from worker_python.engines.outputs import OutputFolder
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.events import JobObserver
from worker_python.jobs.ports import Clock, CommandFor, Engine, JobStore, Outputs
from worker_python.settings import Settings
from worker_python.storage.sqlite import SqliteJobStore

if TYPE_CHECKING:
    from worker_python.engines import distributed


@dataclass(frozen=True, slots=True)
class Choice:
    """Makes the parts that run jobs; the same settings make parts that fit each other."""

    settings: Settings
    command_for: CommandFor
    clock: Clock
    observer: JobObserver

    def service(self) -> tuple[JobStore, Engine, Outputs]:
        """Return store, engine and whole outputs of a process that answers HTTP.

        Raises:
            ConfigurationError: a PostgreSQL is named and its driver is not installed.
        """
        url = self.settings.database_url
        if url is None:
            return self._local()
        _require_driver()
        from worker_python.engines import distributed  # noqa: PLC0415  # an extra, and slow
        from worker_python.storage.postgres import PostgresJobStore  # noqa: PLC0415

        store = PostgresJobStore(url, first_id=self.settings.job_id_start)
        engine = distributed.DistributedEngine(url, self._context(store), self._shared())
        return store, engine, distributed.Files(store.pool)

    def worker(self) -> tuple[JobStore, distributed.Worker]:
        """Return the store of a worker process and the worker; raises `ConfigurationError`."""
        url = self.settings.database_url
        if url is None:
            raise ConfigurationError(
                ["DATABASE_URL is missing: without it `worker-python serve` runs the jobs itself"]
            )
        _require_driver()
        from worker_python.engines import distributed  # noqa: PLC0415  # an extra, and slow

        store = distributed.LeasedJobStore(
            url, first_id=self.settings.job_id_start, places=self.settings.max_concurrent_jobs
        )
        context = self._context(store)
        return store, distributed.Worker(url, store.pool, context, self._shared())

    def _local(self) -> tuple[JobStore, Engine, Outputs]:
        settings = self.settings
        store = SqliteJobStore(settings.job_store, first_id=settings.job_id_start)
        options = LocalOptions(
            max_concurrent_jobs=settings.max_concurrent_jobs,
            drain_seconds=settings.drain_seconds,
            join_waiting=settings.join_waiting_jobs,
            retry=self._retry,
            keep=self._keep,
            maintenance_marker=uuid5(NAMESPACE_URL, str(settings.job_store.resolve())).hex,
        )
        engine = LocalEngine(
            store,
            self._executor,
            self.command_for,
            self.clock,
            options=options,
            observer=self.observer,
        )
        return store, engine, OutputFolder(settings.output_folder)

    def _context(self, store: JobStore) -> Context:
        return Context(store, self._executor, self.command_for, self.clock, self.observer)

    def _shared(self) -> distributed.DistributedOptions:
        from worker_python.engines import distributed  # noqa: PLC0415  # an extra, and slow

        return distributed.DistributedOptions(
            max_concurrent_jobs=self.settings.max_concurrent_jobs,
            drain_seconds=self.settings.drain_seconds,
            join_waiting=self.settings.join_waiting_jobs,
            output_tail_bytes=self.settings.output_tail_bytes,
            stalled_seconds=self.settings.stalled_seconds,
            renew_seconds=min(1.0, self.settings.stalled_seconds / 5),
            cancel_patience_seconds=self.settings.stalled_seconds * 2.5,
            retry=self._retry,
            keep=self._keep,
        )

    @property
    def _executor(self) -> GuardedExecutor:
        return GuardedExecutor(
            grace_seconds=self.settings.cancel_grace_seconds,
            tail_bytes=self.settings.output_tail_bytes,
            max_output_bytes=self.settings.output_max_bytes,
        )

    @property
    def _retry(self) -> Retry:
        return Retry(lost_jobs=self.settings.retry_lost_jobs)

    @property
    def _keep(self) -> Keep:
        return Keep(
            jobs=self.settings.keep_jobs,
            days=self.settings.keep_days,
            outputs=OutputFolder(self.settings.output_folder),
        )


def _require_driver() -> None:
    try:
        import procrastinate  # noqa: F401, PLC0415  # only whether it is there
        import psycopg  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigurationError(
            [f"DATABASE_URL needs pip install 'worker-python[distributed]' ({error})"]
        ) from error
