"""Answers as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from worker_python_client.answers import Cleared, Health, Job, JobList

LAST_LINES = 10


def job(one: Job) -> str:
    """Return all that is known of a job, a line each."""
    known: Mapping[str, object] = {
        "report": one.report_id,
        "created": one.created_at,
        "started": one.started_at,
        "completed": one.completed_at,
        "seconds": one.seconds,
        "exit code": one.exit_code,
        "error": one.error,
    }
    lines = [f"  {name:<9}  {value}" for name, value in known.items() if value is not None]
    return "\n".join([f"job {one.job_id}: {one.status}", *lines, *_last_errors(one)])


def ended(one: Job) -> str:
    """Return how a job ended in a line; where it failed, the last it said as well."""
    took = "" if one.seconds is None else f" after {one.seconds:.1f} s"
    code = "" if not one.exit_code else f", exit code {one.exit_code}"
    why = "" if one.error is None else f": {one.error}"
    return "\n".join([f"job {one.job_id}: {one.status}{took}{code}{why}", *_last_errors(one)])


def jobs(all_jobs: JobList) -> str:
    """Return a line a job, oldest first."""
    lines = [f"{one.job_id:>6}  {one.status:<9}  {one.created_at}" for one in all_jobs.jobs]
    return "\n".join([*(lines or ["no jobs"]), *_partial(all_jobs.partial)])


def health(answer: Health) -> str:
    """Return the worker's state, its jobs, and what it lacks."""
    counts = ", ".join(f"{number} {name}" for name, number in answer.jobs)
    environment = answer.environment
    lacks = {
        "PATH_TO_MICROSERVICE_DEDUPER is not set": not environment.deduper_path_configured,
        "PATH_TO_PYTHON_VENV is not set": not environment.python_venv_configured,
        "the deduper's folder does not exist": environment.deduper_path_exists is False,
        "the job store cannot be written": answer.worker and not answer.worker.store_writable,
    }
    lines = [f"  {text}" for text, is_so in lacks.items() if is_so]
    return "\n".join([f"{answer.status}; jobs: {counts}", *lines, *_partial(answer.partial)])


def cleared(answer: Cleared) -> str:
    """Return what was cancelled, and what the command said."""
    numbers = ", ".join(map(str, answer.cancelled_jobs)) or "none"
    said = [line for line in (answer.stdout + answer.stderr).splitlines() if line]
    partial = _partial(answer.partial)
    return "\n".join([f"cleared; jobs cancelled: {numbers}", *said[-LAST_LINES:], *partial])


def failed(answer: Mapping[str, object]) -> str:
    """Return why the worker could not do it, and the last that its command said."""
    lines = str(answer.get("stderr") or "").splitlines()[-LAST_LINES:]
    return "\n".join([f"the worker failed: {answer['error']}", *(f"  | {line}" for line in lines)])


def _last_errors(one: Job) -> Iterator[str]:
    if one.exit_code and one.stderr:
        yield from (f"  | {line}" for line in one.stderr.splitlines()[-LAST_LINES:])


def _partial(partial: bool | None) -> Iterator[str]:  # noqa: FBT001  as the answers have it
    if partial:
        yield "the old worker beside this one did not answer: its part is missing"
