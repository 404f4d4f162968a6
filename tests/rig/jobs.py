"""Jobs asked for and waited for, as a caller of either worker would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import httpx

OPEN = ("pending", "running")


def wait_for_job(
    url: str, job_id: int, *, seconds: float = 60, tick: Callable[[str], None] = lambda _: None
) -> Mapping[str, object]:
    """Poll a job until it is neither pending nor running, and return it, whatever it says then.

    Raises:
        TimeoutError: it had not ended after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job: Mapping[str, object] = httpx.get(f"{url}/deduper/jobs/{job_id}").json()
        if job["status"] not in OPEN:
            return job
        tick(str(job["status"]))
        time.sleep(0.02)
    raise TimeoutError(f"job {job_id} at {url} had not ended after {seconds} s")
