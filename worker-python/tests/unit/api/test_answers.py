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
from worker_python.api.job_detail import content
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
def test_any_json_has_flasks_bytes(value: Any) -> None:  # noqa: ANN401  any JSON value
    app = flask.Flask(__name__)
    with app.app_context():
        theirs = flask.jsonify(value)

    ours = FlaskJSONResponse(value)

    assert ours.body == theirs.get_data()
    assert ours.headers["content-type"] == theirs.headers["Content-Type"]
    assert ours.headers["content-length"] == theirs.headers["Content-Length"]


def test_a_job_shows_only_the_keys_that_have_a_value() -> None:
    pending = Job(id=1, status=JobStatus.PENDING, created_at=NOW)

    assert content(pending) == {
        "jobId": 1,
        "status": "pending",
        "createdAt": "2026-01-31T09:30:00.000000+00:00",
    }


def test_an_empty_output_is_a_value() -> None:
    ended = Job(id=1, status=JobStatus.COMPLETED, created_at=NOW, exit_code=0, stdout="", stderr="")

    assert {"exitCode", "stdout", "stderr"} < set(content(ended))


FULL = Job(
    id=7,
    status=JobStatus.FAILED,
    created_at=NOW,
    report_id=84,
    started_at=NOW,
    completed_at=NOW,
    exit_code=1,
    stdout="out",
    stderr="err",
    error="why",
)


@pytest.mark.parametrize("job", [FULL, Job(8, JobStatus.PENDING, NOW)])
def test_a_job_is_shown_as_its_model_says(job: Job) -> None:
    assert JobDetail(**content(job)).content() == content(job)


def test_every_key_of_the_model_is_shown() -> None:
    assert set(content(FULL)) == {field.alias for field in JobDetail.model_fields.values()}


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
