"""One job as JSON has it, made by hand: through its model a read would cost a twentieth more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worker_python.api.schemas import iso
from worker_python.jobs.job import Job


def content(job: Job) -> Mapping[str, Any]:
    """Return what `JobDetail` would: its keys, without those that have no value."""
    every = {
        "jobId": job.id,
        "status": job.status,
        "createdAt": iso(job.created_at),
        "reportId": job.report_id,
        "startedAt": _iso_or_none(job.started_at),
        "completedAt": _iso_or_none(job.completed_at),
        "exitCode": job.exit_code,
        "stdout": job.stdout,
        "stderr": job.stderr,
        "error": job.error,
    }
    return {key: value for key, value in every.items() if value is not None}


def _iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
