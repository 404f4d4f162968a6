"""Whether the baseline can go: its jobs have ended, and the candidate answers for each."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from cutover.http import ask
from cutover.workers import WorkerView

TIMEOUT_SECONDS = 10.0
TERMINAL = ("completed", "failed", "cancelled")
SHOWN = 10


def obstacle(baseline: WorkerView, candidate: WorkerView) -> str | None:
    """Return what stands in the way, and what to do about it; None where nothing does."""
    try:
        jobs = _answer(f"{baseline.url}/deduper/jobs/list").json()["jobs"]
        unended = [job["jobId"] for job in jobs if job["status"] not in TERMINAL]
        unknown = [job["jobId"] for job in jobs if not _known(candidate, job["jobId"])]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return f"a worker does not say which jobs it has ({error}); --force gives its jobs up"
    if unended:
        return f"the baseline has not ended {_named(unended)}: wait for them, or cancel them"
    if unknown:
        return (
            f"the candidate does not answer for {_named(unknown)} of the baseline: "
            f"worker-python import-jobs --from {baseline.url}"
        )
    return None


def _known(candidate: WorkerView, job: int) -> bool:
    answer = ask("GET", f"{candidate.url}/deduper/jobs/{job}", timeout_seconds=TIMEOUT_SECONDS)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return False
    return answer.raise_for_status().is_success


def _answer(url: str) -> httpx.Response:
    return ask("GET", url, timeout_seconds=TIMEOUT_SECONDS).raise_for_status()


def _named(ids: Sequence[int]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"jobs {', '.join(map(str, ids[:SHOWN]))}{more}"
