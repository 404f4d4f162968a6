"""The files that keep the whole output of attempts, and which jobs they belong to."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Stream

_NAME = re.compile(r"job-(\d+)-attempt-\d+\.std(?:out|err)\.log")

_PART_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """One folder, which need not exist yet; of its files only those named as ours are ours."""

    path: Path

    def of_next_attempt(self, job: Job) -> Path:
        """Return the file stem for the next attempt of a pending job."""
        return self.path / f"job-{job.id}-attempt-{job.token + 1}"

    async def read(self, job: Job, stream: Stream) -> AsyncIterator[bytes]:
        """Yield what the job's last attempt wrote so far, in parts; raises as `Outputs` does."""
        path = self._file_of(job, stream)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreUnavailableError(f"{path} cannot be read: {error}") from error
        with file:
            while part := await asyncio.to_thread(file.read, _PART_BYTES):
                yield part

    def size(self, job: Job, stream: Stream) -> int:
        """Return how many bytes `read` would yield; raises `OSError`."""
        path = self._file_of(job, stream)
        return path.stat().st_size if path.exists() else 0

    def jobs(self) -> frozenset[int]:
        """Return the ids of the jobs that have files here. Blocks; raises `OSError`."""
        return frozenset(job_id for job_id, _ in self._files())

    def delete(self, job_ids: Container[int]) -> None:
        """Delete the files of these jobs. Blocks; raises `OSError` at the first that stays."""
        for job_id, path in self._files():
            if job_id in job_ids:
                path.unlink(missing_ok=True)

    def _file_of(self, job: Job, stream: Stream) -> Path:
        return self.path / f"job-{job.id}-attempt-{job.token}.{stream}.log"

    def _files(self) -> Iterator[tuple[int, Path]]:
        if not self.path.is_dir():
            return
        for path in self.path.iterdir():
            if match := _NAME.fullmatch(path.name):
                yield int(match[1]), path
