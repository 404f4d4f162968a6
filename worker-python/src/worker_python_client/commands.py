"""What each command of `dedupe` asks the worker, and what it has to say about the answer."""

from __future__ import annotations

from dataclasses import dataclass

from worker_python_client import texts
from worker_python_client.answers import Answer, Job, JobStatus
from worker_python_client.client import WorkerClient
from worker_python_client.progress import Progress

DONE, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, its text for people, and the exit code it stands for."""

    answer: Answer
    text: str
    exit_code: int = DONE


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait for a job, in seconds, and where to show it."""

    seconds: float
    progress: Progress


class StoppedWaitingError(Exception):
    """Somebody pressed Ctrl-C while a job was waited for; the job goes on."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"job {job_id} goes on")
        self.job_id = job_id


def run(client: WorkerClient, report_id: int | None, wait: Wait | None) -> Reply:
    """Create a job; wait for it where that is wanted."""
    created = client.create(report_id)
    if wait is None:
        return Reply(created, f"job {created.job_id}: {created.status}")
    return _waited(client, created.job_id, wait)


def status(client: WorkerClient, job_id: int, wait: Wait | None) -> Reply:
    """Show a job; wait for its end first where that is wanted."""
    if wait is not None:
        return _waited(client, job_id, wait)
    job = client.job(job_id)
    return Reply(job, texts.job(job), _exit_code(job))


def cancel(client: WorkerClient, job_id: int) -> Reply:
    """Cancel a job."""
    cancelled = client.cancel(job_id)
    return Reply(cancelled, f"job {job_id}: {cancelled.status}")


def list_jobs(client: WorkerClient) -> Reply:
    """List all jobs."""
    jobs = client.jobs()
    return Reply(jobs, texts.jobs(jobs))


def health(client: WorkerClient) -> Reply:
    """Say how the worker is; unhealthy is a failure."""
    answer = client.health()
    return Reply(answer, texts.health(answer), DONE if answer.status == "healthy" else FAILED)


def clear(client: WorkerClient) -> Reply:
    """Cancel all jobs and empty the deduper's table."""
    cleared = client.clear()
    return Reply(cleared, texts.cleared(cleared))


def _waited(client: WorkerClient, job_id: int, wait: Wait) -> Reply:
    try:
        with wait.progress as progress:
            job = client.wait_for(job_id, timeout=wait.seconds, on_status=progress.show)
    except KeyboardInterrupt:
        raise StoppedWaitingError(job_id) from None
    return Reply(job, texts.ended(job), _exit_code(job))


def _exit_code(job: Job) -> int:
    return FAILED if job.status in (JobStatus.FAILED, JobStatus.CANCELLED) else DONE
