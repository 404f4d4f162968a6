"""Taking over the old worker's jobs, so that their ids are answered when it has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker_python.deduper.legacy.client import legacy_worker
from worker_python.jobs.errors import AdoptionError
from worker_python.jobs.job import JobSummary
from worker_python.storage.adoption import Adoption

TIMEOUT_SECONDS = 10.0
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many jobs the old worker has, and how many of them were not here yet."""

    jobs: int
    fresh: int


async def adopt(url: str, adoption: Adoption, *, first_id: int) -> Adopted:
    """Write all jobs of the old worker into our store; doing it again does no harm.

    Args:
        url: the old worker's base URL.
        adoption: the job database, which a service may be using.
        first_id: the smallest id that is ours.

    Raises:
        AdoptionError: a job has not ended, or has an id that may be ours; nothing was written.
        LegacyUnavailableError: the old worker does not answer; nothing was written.
        StoreUnavailableError: the jobs could not be written.
    """
    async with legacy_worker(url, timeout_seconds=TIMEOUT_SECONDS) as legacy:
        listed = await legacy.jobs()
        _refuse_ours(listed, first_id)
        _refuse_unended(listed)
        jobs = [await legacy.job(summary.id) for summary in listed]
        if len(await legacy.jobs()) != len(listed):
            raise AdoptionError(
                "the old worker still takes jobs: move the creates away from it first"
            )
    fresh = adoption.keep(jobs)
    adoption.complete_it()
    return Adopted(len(jobs), fresh)


def _refuse_ours(jobs: Sequence[JobSummary], first_id: int) -> None:
    ours = [job.id for job in jobs if job.id >= first_id]
    if ours:
        raise AdoptionError(
            f"the old worker has {_named(ours)}, but ids from {first_id} on are ours: "
            "set JOB_ID_START to what the service runs with"
        )


def _refuse_unended(jobs: Sequence[JobSummary]) -> None:
    unended = [job.id for job in jobs if not job.status.terminal]
    if unended:
        raise AdoptionError(
            f"the old worker has not ended {_named(unended)}: wait, or cancel, and try again"
        )


def _named(ids: Sequence[int]) -> str:
    shown = ", ".join(map(str, ids[:_SHOWN]))
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f"job{'s' if len(ids) > 1 else ''} {shown}{more}"
