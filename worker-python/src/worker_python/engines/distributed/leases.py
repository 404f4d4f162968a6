"""Who runs which attempt, for how long that is believed, and whether its end was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from worker_python.engines.distributed.bell import ASKED
from worker_python.engines.distributed.line import Line
from worker_python.jobs.job import Job

Key = tuple[int, int]
"""Id of a job and token of its attempt."""

SCHEMA = (files(__package__) / "schema.sql").read_text(encoding="utf-8")

_ASK = f"""
    WITH asked AS (
        UPDATE job_attempts SET cancel_asked = true
        WHERE job_id = %(job)s AND token = %(token)s AND NOT cancel_asked RETURNING job_id
    )
    SELECT pg_notify('{ASKED}', job_id::text) FROM asked
"""  # noqa: S608  # constants
_RENEW = """
    UPDATE job_attempts SET renewed_at = now()
    FROM unnest(%(jobs)s::bigint[], %(tokens)s::bigint[]) AS held (job_id, token)
    WHERE job_attempts.job_id = held.job_id AND job_attempts.token = held.token
    RETURNING job_attempts.job_id, job_attempts.token, cancel_asked
"""
_STALE = """
    SELECT jobs.id, jobs.token, renewed_at::text, coalesce(cancel_asked, false) AS cancel_asked
    FROM jobs LEFT JOIN job_attempts ON job_id = jobs.id AND job_attempts.token = jobs.token
    WHERE status = 'running'
    AND (renewed_at IS NULL OR renewed_at < now() - make_interval(secs => %(seconds)s))
"""


@dataclass(frozen=True, slots=True)
class Stale:
    """An attempt whose worker has not been heard of; two equal ones in a row are a dead one."""

    key: Key
    renewed_at: str | None
    cancel_asked: bool


class Leases:
    """The table of attempts, over a connection of its own."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def ask_cancel(self, job: Job) -> bool:
        """Ask whoever runs the attempt for its end; False where somebody had asked before."""
        return bool(await self._line.ask(_ASK, {"job": job.id, "token": job.token}))

    async def renew(self, held: Sequence[Key]) -> dict[Key, bool]:
        """Hold these further: those that are still ours, and whether their end is asked for."""
        jobs, tokens = [job for job, _ in held], [token for _, token in held]
        found = await self._line.ask(_RENEW, {"jobs": jobs, "tokens": tokens})
        return {(row["job_id"], row["token"]): row["cancel_asked"] for row in found}

    async def stale(self, seconds: float) -> list[Stale]:
        """Return the running jobs whose lease is older than that, or missing."""
        found = await self._line.ask(_STALE, {"seconds": seconds})
        return [
            Stale((row["id"], row["token"]), row["renewed_at"], row["cancel_asked"])
            for row in found
        ]
