"""JSON as Flask writes it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker_python.api.flask_semantics.answers import FlaskJSONResponse
from worker_python.api.job_list import render
from worker_python.api.schemas import JobDetail, JobList, JobListItem, iso
from worker_python.deduper.service import JobListing
from worker_python.jobs.job import Job, JobSummary
from worker_python.jobs.status import JobStatus

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(JSON)
def test_any_json_has_flasks_bytes(content: Any) -> None:  # noqa: ANN401  any JSON value
    app = flask.Flask(__name__)
    with app.app_context():
        theirs = flask.jsonify(content)

    ours = FlaskJSONResponse(content)

    assert ours.body == theirs.get_data()
    assert ours.headers["content-type"] == theirs.headers["Content-Type"]
    assert ours.headers["content-length"] == theirs.headers["Content-Length"]


def test_a_job_shows_only_the_keys_that_have_a_value() -> None:
    pending = Job(id=1, status=JobStatus.PENDING, created_at=NOW)

    assert JobDetail.of(pending).content() == {
        "jobId": 1,
        "status": "pending",
        "createdAt": "2026-01-31T09:30:00.000000+00:00",
    }


def test_an_empty_output_is_a_value() -> None:
    ended = Job(id=1, status=JobStatus.COMPLETED, created_at=NOW, exit_code=0, stdout="", stderr="")

    assert {"exitCode", "stdout", "stderr"} < set(JobDetail.of(ended).content())


@pytest.mark.parametrize("sizes", [(), (0,), (1,), (2, 3, 1)])
async def test_the_list_in_pieces_has_the_bytes_of_its_model(sizes: Sequence[int]) -> None:
    jobs = [
        JobSummary(number, status, iso(NOW + timedelta(microseconds=number)))
        for number, status in zip(range(sum(sizes)), (*JobStatus, *JobStatus), strict=False)
    ]

    async def batches() -> AsyncIterator[Sequence[JobSummary]]:
        taken = 0
        for size in sizes:
            yield jobs[taken : taken + size]
            taken += size

    pieces = await render(JobListing(batches()))

    items = [
        JobListItem(job_id=job.id, status=job.status, created_at=job.created_at) for job in jobs
    ]
    assert b"".join(pieces) == FlaskJSONResponse(JobList(jobs=items).content()).body
    assert len(json.loads(b"".join(pieces))["jobs"]) == sum(sizes)
