"""The whole output of attempts, in the database: any process may be asked for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from worker_python.engines.local.context import report
from worker_python.engines.outputs import OutputFolder
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Stream
from worker_python.storage.pool import Pool

_PART = """
    INSERT INTO job_files (job_id, token, stream, part, content)
    VALUES (%(job)s, %(token)s, %(stream)s, %(part)s, %(content)s) ON CONFLICT DO NOTHING
"""
_READ = """
    SELECT content FROM job_files
    WHERE job_id = %(job)s AND token = %(token)s AND stream = %(stream)s AND part = %(part)s
"""


class Files:
    """Keeps the files of attempts in parts, under the attempt's token."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, job: Job, folder: OutputFolder, *, beyond: int) -> None:
        """Copy what an attempt wrote here; where that fails it stays here only, and is reported.

        What is not longer than `beyond` bytes the job shows itself.
        """
        try:
            for stream in Stream:
                if folder.size(job, stream) > beyond:
                    await self._keep(job, stream, folder)
        except (StoreUnavailableError, OSError) as error:
            report(f"the whole output of job {job.id} is only on this machine", error)

    async def read(self, job: Job, stream: Stream) -> AsyncIterator[bytes]:
        """Yield the output of the job's last attempt, in parts; nothing before it has ended."""
        part = 0
        while found := await self._pool.fetch(_READ, {**_key(job, stream), "part": part}):
            yield found[0]["content"]
            part += 1

    async def _keep(self, job: Job, stream: Stream, folder: OutputFolder) -> None:
        part = 0
        async for content in folder.read(job, stream):
            async with self._pool.connection() as connection:
                row = {**_key(job, stream), "part": part, "content": content}
                await connection.execute(_PART, row)
            part += 1


def _key(job: Job, stream: Stream) -> dict[str, int | str]:
    return {"job": job.id, "token": job.token, "stream": stream.value}
