"""Whether the deduper can be reached, and how the service itself is."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.ports import Clock, Engine, JobStore
from worker_python.jobs.status import JobStatus
from worker_python.settings import Settings


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the service; ages in seconds, sizes in bytes.

    `deduper_path_exists` is None where the path is not set, `disk_free` where it is unknown.
    `legacy_healthy` and `partial` speak of an old worker beside us: how it is, and whether it
    should have said so and did not.
    """

    now: datetime
    deduper_path_configured: bool
    python_venv_configured: bool
    deduper_path_exists: bool | None
    jobs: Mapping[JobStatus, int]
    active: int
    queue_age: float
    disk_free: int | None
    store_writable: bool
    legacy_healthy: bool = True
    partial: bool = False

    @property
    def healthy(self) -> bool:
        """Only a path that is configured and does not exist is unhealthy, as it always was."""
        return self.deduper_path_exists is not False and self.legacy_healthy


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Looks at the settings, the store, the engine and the disk."""

    settings: Settings
    store: JobStore
    engine: Engine
    clock: Clock

    async def health(self) -> Health:
        """Return how things are; raises `StoreUnavailableError` where jobs cannot be counted."""
        jobs, age = await self.queue()
        path = self.settings.path_to_microservice_deduper
        folder = self.settings.job_store.parent
        return Health(
            now=self.clock(),
            deduper_path_configured=bool(path),
            python_venv_configured=bool(self.settings.path_to_python_venv),
            deduper_path_exists=await asyncio.to_thread(os.path.exists, path) if path else None,
            jobs=jobs,
            active=self.active,
            queue_age=age,
            disk_free=await asyncio.to_thread(_free, folder),
            store_writable=await asyncio.to_thread(_writable, folder),
        )

    @property
    def active(self) -> int:
        """How many attempts run right now."""
        return self.engine.active

    async def queue(self) -> tuple[Mapping[JobStatus, int], float]:
        """Return how many jobs there are, and how many seconds the first pending one has waited.

        Raises:
            StoreUnavailableError: they cannot be counted.
        """
        counts = await self.store.counts()
        oldest = await self.store.oldest_pending()
        waited = 0.0 if oldest is None else (self.clock() - oldest).total_seconds()
        return counts, max(0.0, waited)

    async def unready(self) -> str | None:
        """Return why jobs cannot be taken now, None where they can."""
        try:
            await self.store.counts()
        except StoreUnavailableError as error:
            return str(error)
        folder = self.settings.job_store.parent
        if not await asyncio.to_thread(_writable, folder):
            return f"{folder} cannot be written"
        return None


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _writable(folder: Path) -> bool:
    try:
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
    except OSError:
        return False
    return True
