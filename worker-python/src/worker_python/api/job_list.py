"""The list of all jobs as bytes, piece by piece: a hundred thousand jobs are one answer."""

from __future__ import annotations

from collections.abc import Sequence

from worker_python.deduper.service import JobListing
from worker_python.jobs.job import JobSummary


async def render(listing: JobListing) -> Sequence[bytes]:
    """Return `{"jobs":[…]}` in pieces of one batch each, with the bytes `JobList` would have."""
    pieces = [b'{"jobs":[']
    async for batch in listing.batches:
        separator = "" if len(pieces) == 1 else ","
        pieces.append((separator + _items(batch)).encode("ascii"))
    pieces.append(b'],"partial":true}\n' if listing.partial else b"]}\n")
    return pieces


def _items(batch: Sequence[JobSummary]) -> str:
    return ",".join(
        [
            f'{{"createdAt":"{created_at}","jobId":{job_id},"status":"{status}"}}'
            for job_id, status, created_at in batch
        ]
    )
