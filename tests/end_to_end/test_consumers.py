"""Both workers give each consumer what it reads; one that does not is named with its victim."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from rig import consumers, jobs
from rig.consumers import Consumer
from rig.stage import Stage

Answers = Mapping[str, httpx.Response]
LIST = "GET /deduper/jobs/list"
DETAIL = "GET /deduper/jobs/{job_id}"
CREATE = "GET /deduper/jobs/reportId/{report_id}"


@pytest.fixture(name="answers")
def _answers(stage: Stage) -> Answers:
    url = f"{stage.worker.url}/deduper"
    created = httpx.get(f"{url}/jobs/reportId/1")
    jobs.wait_for_job(stage.worker.url, created.json()["jobId"])
    second = httpx.get(f"{url}/jobs/reportId/1").json()["jobId"]
    while httpx.get(f"{url}/jobs/{second}").json()["status"] == "pending":
        time.sleep(0.01)  # the page shows “loading” for a running one: let there be one to list
    return {
        CREATE: created,
        LIST: httpx.get(f"{url}/jobs/list"),
        "POST /deduper/jobs/{job_id}/cancel": httpx.post(f"{url}/jobs/{second}/cancel"),
        DETAIL: httpx.get(f"{url}/jobs/{created.json()['jobId']}"),
        "GET /deduper/health": httpx.get(f"{url}/health"),
        "DELETE /deduper/clear-db-table": httpx.delete(f"{url}/clear-db-table", timeout=90),
    }


def test_every_consumer_finds_what_it_reads(answers: Answers) -> None:
    for consumer in consumers.load():
        answer = answers[consumer.call]
        problems = consumer.broken_by(answer.status_code, answer.json())
        assert not problems, "\n".join(problems)


def test_the_page_is_made_from_the_data() -> None:
    assert consumers.PAGE.read_text() == consumers.page(consumers.load()), "run: make docs"


@pytest.mark.parametrize(
    ("call", "status", "spoil", "said"),
    [
        (CREATE, 201, lambda body: body.pop("jobId"), "request-job.*no /jobId"),
        (LIST, 200, lambda body: body["jobs"][0].pop("status"), "job-list-status.*no /jobs/./stat"),
        (LIST, 200, lambda body: body.pop("jobs"), "job-list-status.*no /jobs"),
        (CREATE, 202, lambda _: None, "request-job.*status 202 instead of 201"),
        (DETAIL, 200, lambda body: body.update(status="done"), "of a job: /status is 'done', it"),
        (LIST, 200, lambda body: body["jobs"][0].update(status="busy"), "status is 'busy', it kno"),
    ],
)
def test_a_dropped_key_another_status_or_another_word_names_the_caller_that_breaks(
    call: str, status: int, spoil: Callable[[Any], object], said: str
) -> None:
    body = _sound(call)
    spoil(body)

    problems = [p for c in _of(call) for p in c.broken_by(status, body)]
    assert re.search(said, "\n".join(problems))


def test_a_dropped_key_that_nobody_reads_breaks_nobody() -> None:
    body = _sound(LIST)
    del body["jobs"][0]["createdAt"]

    assert [p for c in _of(LIST) for p in c.broken_by(200, body)] == []


def _of(call: str) -> list[Consumer]:
    return [consumer for consumer in consumers.load() if consumer.call == call]


def _sound(call: str) -> Any:  # noqa: ANN401 - a JSON body
    job = {"jobId": 1, "status": "running", "createdAt": "2026-01-01T00:00:00"}
    ended = {"startedAt": "2026-01-01T00:00:01", "completedAt": "2026-01-01T00:00:02"}
    return {
        CREATE: {"jobId": 1, "reportId": 2, "status": "pending"},
        LIST: {"jobs": [job]},
        DETAIL: {**job, **ended, "status": "completed", "exitCode": 0},
    }[call]
