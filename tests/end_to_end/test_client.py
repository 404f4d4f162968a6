"""The typed client and `dedupe` against both workers, as scripts and agents will use them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from rig import database, workers
from worker_python_client import (
    JobNotCancellableError,
    JobNotFoundError,
    JobStatus,
    WaitTimedOutError,
    WorkerClient,
    WorkerFailedError,
    WorkerUnavailableError,
)

REPORT = 1
DEDUPE = str(Path(sys.executable).with_name("dedupe"))
FAKE_DEDUPER = workers.ROOT / "worker-python" / "tests" / "fixtures" / "fake_deduper"

Dedupe = Callable[..., tuple[int, str, str]]
Slow = Callable[[], AbstractContextManager[tuple[workers.Worker, WorkerClient]]]


@pytest.fixture(name="copy", scope="module")
def _copy(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = database.copy_to(sample, tmp_path_factory.mktemp("database"))
    (copy.parent / "article_ids.csv").write_text("articleId\n1\n2\n")
    return copy


@pytest.fixture(name="worker", scope="module")
def _worker(
    kind: str, copy: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[workers.Worker]:
    folder = tmp_path_factory.mktemp(kind)
    environment = workers.worker_environment(copy, folder)
    with workers.running(kind, folder, environment) as worker:
        yield worker


@pytest.fixture(name="client")
def _client(worker: workers.Worker) -> Iterator[WorkerClient]:
    with WorkerClient(worker.url) as client:
        yield client


@pytest.fixture(name="slow")
def _slow(kind: str, sample: Path, tmp_path: Path) -> Slow:
    """Return a starter of a worker whose deduper never ends by itself."""

    @contextmanager
    def start() -> Iterator[tuple[workers.Worker, WorkerClient]]:
        environment = {
            **workers.worker_environment(sample, tmp_path),
            "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
            "FAKE_DEDUPER": json.dumps({"delay": 600}),
            "DRAIN_SECONDS": "0",
        }
        with (
            workers.running(kind, tmp_path, environment) as worker,
            WorkerClient(worker.url) as client,
        ):
            yield worker, client

    return start


@pytest.fixture(name="dedupe")
def _dedupe() -> Dedupe:
    """Run the command line in a process of its own."""

    def run(*arguments: object) -> tuple[int, str, str]:
        done = subprocess.run(
            [DEDUPE, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run


def test_from_create_to_clear(client: WorkerClient, copy: Path) -> None:
    statuses: list[JobStatus] = []
    created = client.create(REPORT)
    job = client.wait_for(
        created.job_id, timeout=60, on_status=lambda job: statuses.append(job.status)
    )

    assert statuses[-1] is job.status is JobStatus.COMPLETED
    assert (job.report_id, job.exit_code, job.error) == (REPORT, 0, None)
    assert job.seconds is not None
    assert database.rows(copy, REPORT)
    assert job == client.job(job.job_id)
    assert client.jobs().jobs[-1].status is JobStatus.COMPLETED
    health = client.health()
    assert (health.status, health.jobs.completed) == ("healthy", health.jobs.total)

    assert client.clear().exit_code == 0
    assert database.rows(copy, REPORT) == []


def test_without_a_report_the_csv_is_run(client: WorkerClient) -> None:
    job = client.wait_for(client.create().job_id, timeout=60)

    assert (job.status, job.report_id) == (JobStatus.COMPLETED, None)


def test_what_does_not_exist_or_has_ended(client: WorkerClient) -> None:
    for ask in (client.job, client.cancel, client.wait_for):
        with pytest.raises(JobNotFoundError, match="no job 999"):
            ask(999)
    ended = client.wait_for(client.create(REPORT).job_id, timeout=60)
    with pytest.raises(JobNotCancellableError, match="status: completed"):
        client.cancel(ended.job_id)


def test_cancel_and_time_out_and_worker_gone(slow: Slow) -> None:
    with slow() as (worker, client):
        job_id = client.create(REPORT).job_id
        with pytest.raises(WaitTimedOutError, match=r"had not ended after 0\.3 s"):
            client.wait_for(job_id, timeout=0.3)

        assert client.cancel(job_id).status is JobStatus.CANCELLED
        assert client.job(job_id).status.is_terminal
        worker.stop()
        with pytest.raises(WorkerUnavailableError, match=f"no worker at {worker.url}"):
            client.health()


def test_a_deduper_that_fails_tells_why(
    kind: str, sample: Path, tmp_path: Path, dedupe: Dedupe
) -> None:
    environment = {**workers.worker_environment(sample, tmp_path), "NAME_DB": "none.db"}
    with (
        workers.running(kind, tmp_path, environment) as worker,
        WorkerClient(worker.url) as client,
    ):
        with pytest.raises(WorkerFailedError, match="Clear table command failed") as caught:
            client.clear()
        code, said, _ = dedupe("run", "--report", REPORT, "--wait", "--url", worker.url)

    assert caught.value.answer["exitCode"] == 1
    assert (code, "job 1: failed" in said) == (1, True)


def test_the_commands(worker: workers.Worker, dedupe: Dedupe) -> None:
    at = ("--url", worker.url)
    code, said, progress = dedupe("run", "--report", REPORT, "--wait", *at)
    assert (code, ": completed after " in said) == (0, True)
    assert "\x1b" not in progress

    code, said, _ = dedupe("list", "--json", *at)
    listed = json.loads(said)["jobs"]
    assert (code, listed[-1]["status"]) == (0, "completed")
    code, said, _ = dedupe("status", listed[-1]["jobId"], "--json", *at)
    assert (code, json.loads(said)["exitCode"]) == (0, 0)
    assert dedupe("health", *at)[0] == 0
    assert dedupe("cancel", listed[-1]["jobId"], *at)[0] == 2
    assert dedupe("clear", "--yes", *at)[0] == 0


def test_ctrl_c_leaves_the_job_running(slow: Slow, dedupe: Dedupe) -> None:
    with slow() as (worker, client):
        environment = {**os.environ, "DEDUPE_URL": worker.url}
        with subprocess.Popen(
            [DEDUPE, "run", "--report", str(REPORT), "--wait"],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as waiting:
            assert waiting.stderr is not None
            assert any("running" in line for line in waiting.stderr)
            waiting.send_signal(signal.SIGINT)
            said = waiting.stderr.read()

        assert waiting.returncode == 130
        assert "job 1 goes on" in said
        assert client.job(1).status is JobStatus.RUNNING
        assert dedupe("cancel", 1, "--url", worker.url)[:2] == (0, "job 1: cancelled\n")
