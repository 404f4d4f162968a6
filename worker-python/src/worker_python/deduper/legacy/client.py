"""The old worker over HTTP: what it says, in our words, or one error for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import ValidationError

from worker_python.deduper.legacy.answers import (
    LegacyAnswer,
    LegacyClear,
    LegacyHealth,
    LegacyJob,
    LegacyList,
)
from worker_python.jobs.errors import LegacyUnavailableError
from worker_python.jobs.job import Job, JobSummary

CLEAR_TIMEOUT_SECONDS = 70.0
"""Its `clear_table` may take 60 s, and each job it cancels half a second before that."""

A = TypeVar("A", bound=LegacyAnswer)


@dataclass(frozen=True, slots=True)
class LegacyWorker:
    """Every method raises `LegacyUnavailableError` where no proper answer came in time."""

    client: httpx.AsyncClient
    timeout_seconds: float

    async def jobs(self) -> Sequence[JobSummary]:
        """Return all its jobs, in the order of their creation."""
        answer = await self._ask("GET", "/deduper/jobs/list", LegacyList)
        return [job.as_summary() for job in answer.jobs]

    async def job(self, job_id: int) -> Job:
        """Return one of its jobs."""
        return (await self._ask("GET", f"/deduper/jobs/{job_id}", LegacyJob)).as_job()

    async def health(self) -> LegacyHealth:
        """Return how it is, and how many jobs it has."""
        return await self._ask("GET", "/deduper/health", LegacyHealth)

    async def clear(self) -> LegacyClear:
        """Let it cancel its jobs and empty the table; a clear that failed is an answer too."""
        return await self._ask(
            "DELETE",
            "/deduper/clear-db-table",
            LegacyClear,
            statuses=(200, 500),
            seconds=CLEAR_TIMEOUT_SECONDS,
        )

    async def _ask(
        self,
        method: str,
        path: str,
        shape: type[A],
        *,
        statuses: Sequence[int] = (200,),
        seconds: float | None = None,
    ) -> A:
        limit = seconds or self.timeout_seconds
        try:
            async with asyncio.timeout(limit):
                answer = await self.client.request(method, path)
        except TimeoutError:
            raise LegacyUnavailableError(f"no answer to {method} {path} in {limit:g} s") from None
        except httpx.HTTPError as error:
            raise LegacyUnavailableError(f"no answer to {method} {path}: {error}") from error
        return _read(answer, shape, statuses)


@asynccontextmanager
async def legacy_worker(url: str, *, timeout_seconds: float) -> AsyncIterator[LegacyWorker]:
    """Speak to the old worker at a base URL, without proxies.

    Each request has a connection of its own: one kept alive may be closed under a DELETE, and
    nobody would know whether it was done.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=url, limits=limits, timeout=CLEAR_TIMEOUT_SECONDS, trust_env=False
    ) as client:
        yield LegacyWorker(client, timeout_seconds)


def _read(answer: httpx.Response, shape: type[A], statuses: Sequence[int]) -> A:
    asked = f"{answer.request.method} {answer.request.url.path}"
    if answer.status_code not in statuses:
        raise LegacyUnavailableError(f"{asked} was answered with {answer.status_code}")
    try:
        return shape.model_validate_json(answer.content)
    except ValidationError as error:
        problem: Mapping[str, object] = dict(error.errors()[0])
        raise LegacyUnavailableError(
            f"{asked} was answered in a shape we do not know: {problem['msg']}"
        ) from error
