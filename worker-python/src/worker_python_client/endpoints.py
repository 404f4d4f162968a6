"""The worker's endpoints as the client uses them: the one place that names paths and statuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from worker_python_client.answers import (
    Answer,
    Cancelled,
    Cleared,
    Created,
    CreatedForReport,
    Health,
    Job,
    JobList,
)

A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[A]):
    """A request and the answer to it where all is well.

    `slow_seconds` is what its work may take on top of an answer's usual time.
    """

    method: str
    path: str
    status: int
    answer: type[A]
    slow_seconds: float = 0


CREATE: Final = Endpoint("GET", "/deduper/jobs", 201, Created)
CREATE_FOR_REPORT: Final = Endpoint(
    "GET", "/deduper/jobs/reportId/{report_id}", 201, CreatedForReport
)
DETAIL: Final = Endpoint("GET", "/deduper/jobs/{job_id}", 200, Job)
LIST: Final = Endpoint("GET", "/deduper/jobs/list", 200, JobList)
CANCEL: Final = Endpoint("POST", "/deduper/jobs/{job_id}/cancel", 200, Cancelled, slow_seconds=20)
HEALTH: Final = Endpoint("GET", "/deduper/health", 200, Health)
CLEAR: Final = Endpoint("DELETE", "/deduper/clear-db-table", 200, Cleared, slow_seconds=120)

ENDPOINTS: Final[Sequence[Endpoint[Any]]] = (
    *(CREATE, CREATE_FOR_REPORT, DETAIL, LIST),
    *(CANCEL, HEALTH, CLEAR),
)
