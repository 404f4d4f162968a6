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
        pieces.append((separator + ",".join(map(_item, batch))).encode("ascii"))
    pieces.append(b'],"partial":true}\n' if listing.partial else b"]}\n")
    return pieces


def _item(job: JobSummary) -> str:
    return f'{{"createdAt":"{job.created_at}","jobId":{job.id},"status":"{job.status}"}}'
