"""Who runs which attempt, for how long that is believed, and whether its end was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from worker_python.engines.distributed.bell import ASKED, MOVED, RING
from worker_python.engines.distributed.line import Line
from worker_python.jobs.job import Job

Key = tuple[int, int]
"""Id of a job and token of its attempt."""

SCHEMA = (files(__package__) / "schema.sql").read_text(encoding="utf-8")

_ASK = """
    INSERT INTO job_attempts AS known (job_id, token, cancel_asked)
    SELECT id, token, true FROM jobs
    WHERE id = %(job)s AND token = %(token)s AND status = 'running'
    ON CONFLICT (job_id, token) DO UPDATE SET cancel_asked = true WHERE NOT known.cancel_asked
    RETURNING job_id
"""
_BEGIN = """
    INSERT INTO job_attempts (job_id, token)
    SELECT id, token FROM jobs WHERE id = %(job)s AND token = %(token)s AND status = 'running'
    ON CONFLICT (job_id, token) DO UPDATE SET renewed_at = now() RETURNING cancel_asked
"""
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
_END = f"""
    WITH ended AS (DELETE FROM job_attempts WHERE job_id = %(job)s AND token <= %(token)s)
    {RING}
"""  # noqa: S608  # a constant


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
        first = await self._line.ask(_ASK, {"job": job.id, "token": job.token})
        if first:
            await self._line.ask(RING, {"channel": ASKED, "job": str(job.id)})
        return bool(first)

    async def begin(self, job: Job) -> bool | None:
        """Hold a claimed job; return whether its end was asked for, None where it is not ours."""
        found = await self._line.ask(_BEGIN, {"job": job.id, "token": job.token})
        return bool(found[0]["cancel_asked"]) if found else None

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

    async def end(self, job: Job) -> None:
        """Forget the attempt and those before it, and wake whoever waits for the job."""
        await self._line.ask(_END, {"job": job.id, "token": job.token, "channel": MOVED})
