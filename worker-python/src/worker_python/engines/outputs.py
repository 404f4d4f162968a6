"""The files that keep the whole output of attempts, and which jobs they belong to."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from worker_python.jobs.job import Job

_NAME = re.compile(r"job-(\d+)-attempt-\d+\.std(?:out|err)\.log")


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """One folder, which need not exist yet; of its files only those named as ours are ours."""

    path: Path

    def of_next_attempt(self, job: Job) -> Path:
        """Return the file stem for the next attempt of a pending job."""
        return self.path / f"job-{job.id}-attempt-{job.token + 1}"

    def jobs(self) -> frozenset[int]:
        """Return the ids of the jobs that have files here. Blocks; raises `OSError`."""
        return frozenset(job_id for job_id, _ in self._files())

    def delete(self, job_ids: Container[int]) -> None:
        """Delete the files of these jobs. Blocks; raises `OSError` at the first that stays."""
        for job_id, path in self._files():
            if job_id in job_ids:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[int, Path]]:
        if not self.path.is_dir():
            return
        for path in self.path.iterdir():
            if match := _NAME.fullmatch(path.name):
                yield int(match[1]), path
