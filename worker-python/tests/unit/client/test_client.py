"""What the client makes of answers, good ones and odd ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx
import pytest

from worker_python_client import (
    JobNotCancellableError,
    JobNotFoundError,
    JobStatus,
    UnexpectedAnswerError,
    WorkerClient,
    WorkerClientError,
    WorkerFailedError,
    WorkerUnavailableError,
)

MakeJob = Callable[..., Mapping[str, Any]]
Send = Callable[[httpx.Request], httpx.Response]


class Using(Protocol):
    """Makes a client that is answered by a function."""

    def __call__(self, send: Send, url: str = "http://worker") -> WorkerClient: ...


@pytest.fixture(name="using")
def _using() -> Using:
    def make(send: Send, url: str = "http://worker") -> WorkerClient:
        return WorkerClient(url, transport=httpx.MockTransport(send))

    return make


def test_keys_that_are_new_are_passed_over_and_absent_ones_are_none(
    using: Using, job: MakeJob
) -> None:
    with using(lambda _: httpx.Response(200, json=job("running", colour="blue"))) as client:
        found = client.job(7)

    assert (found.status, found.exit_code, found.seconds) == (JobStatus.RUNNING, None, None)
    assert "colour" not in found.to_json()


def test_an_answer_is_written_as_the_worker_wrote_it(using: Using, job: MakeJob) -> None:
    answer = httpx.Response(200, json=job("failed", exitCode=-15))
    with using(lambda _: answer) as client:
        assert client.job(7).to_json() == answer.text


@pytest.mark.parametrize(
    "content",
    [
        {"jobId": 7, "createdAt": "2026-01-31T09:30:00+00:00"},
        {"jobId": "7", "status": "running", "createdAt": "2026-01-31T09:30:00+00:00"},
        {"jobId": 7, "status": "done", "createdAt": "2026-01-31T09:30:00+00:00"},
        {"jobId": 7, "status": "running", "createdAt": "2026-01-31T09:30:00"},
        ["job"],
    ],
    ids=["a key missing", "another type", "an unknown status", "a time of no zone", "a list"],
)
def test_an_answer_that_is_not_as_agreed_is_unexpected(using: Using, content: object) -> None:
    with (
        using(lambda _: httpx.Response(200, json=content)) as client,
        pytest.raises(UnexpectedAnswerError, match="GET http://worker/deduper/jobs/7 → 200"),
    ):
        client.job(7)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, json={"error": "Job not found"}), JobNotFoundError),
        (httpx.Response(404, html="<h1>Not Found</h1>"), UnexpectedAnswerError),
        (httpx.Response(400, json={"error": "Cannot cancel"}), JobNotCancellableError),
        (httpx.Response(400, html="<h1>Bad Request</h1>"), UnexpectedAnswerError),
        (httpx.Response(500, json={"error": "disk full"}), WorkerFailedError),
        (httpx.Response(500, html="<h1>Error</h1>"), UnexpectedAnswerError),
        (httpx.Response(503, text="no healthy upstream"), WorkerUnavailableError),
        (httpx.Response(307, headers={"location": "/"}), UnexpectedAnswerError),
        (httpx.Response(418, json={"error": "a teapot"}), UnexpectedAnswerError),
        (httpx.Response(200, html="<h1>Sign in</h1>"), UnexpectedAnswerError),
    ],
    ids=lambda value: (
        f"{value.status_code} {value.headers.get('content-type', '')}"
        if isinstance(value, httpx.Response)
        else value.__name__
    ),
)
def test_a_refusal_is_an_error_of_the_tree(
    using: Using, answer: httpx.Response, error: type[WorkerClientError]
) -> None:
    with using(lambda _: answer) as client, pytest.raises(error):
        client.cancel(7)


def test_a_clear_that_failed_keeps_all_the_worker_said(using: Using) -> None:
    said = {"error": "Clear table command timed out", "cancelledJobs": [3], "timestamp": "now"}
    with (
        using(lambda _: httpx.Response(500, json=said)) as client,
        pytest.raises(WorkerFailedError, match="timed out") as caught,
    ):
        client.clear()

    assert caught.value.answer == said


def test_no_answer_in_time_says_that_it_may_have_been_done(using: Using) -> None:
    def hang(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    with (
        using(hang) as client,
        pytest.raises(WorkerUnavailableError, match=r"within 10 s .*may have done it"),
    ):
        client.create(84)


@pytest.mark.parametrize("url", ["http://worker", "http://worker/", "http://worker//"])
def test_slashes_at_the_end_of_the_url_do_not_matter(using: Using, url: str) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(201, json={"jobId": 1, "reportId": 84, "status": "pending"})

    with using(answer, url) as client:
        assert client.create(84).job_id == 1

    assert asked == ["http://worker/deduper/jobs/reportId/84"]


@pytest.mark.parametrize("url", ["worker:8000", "ftp://worker", "http://", "", "http://wor ker:x"])
def test_what_is_no_url_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL"):
        WorkerClient(url)


def test_a_negative_id_is_refused_before_anything_is_sent(using: Using) -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request} was sent")

    with using(never) as client, pytest.raises(ValueError, match="report_id is -1"):
        client.create(-1)
