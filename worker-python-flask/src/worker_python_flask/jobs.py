"""The job table of this process, and the thread that runs each job."""

import itertools
import os
import subprocess
import threading
from datetime import datetime, timezone

jobs = {}
_ids = itertools.count(1)


def now() -> str:
    """Return the time as the contract writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def create_job(report_id=None) -> dict:
    """Keep a new job and start the thread that runs it."""
    job = {"jobId": next(_ids), "status": "pending", "createdAt": now(), "process": None}
    if report_id is not None:
        job["reportId"] = report_id
    jobs[job["jobId"]] = job
    threading.Thread(target=_run, args=(job,), daemon=True).start()
    return job


def describe(job: dict) -> dict:
    """Return a job as the detail route shows it: without its process."""
    return {key: value for key, value in job.items() if key != "process"}


def deduper_command(*arguments: str) -> list:
    """Return the deduper's command line; raises ValueError where the environment lacks a path."""
    names = ("PATH_TO_PYTHON_VENV", "PATH_TO_MICROSERVICE_DEDUPER")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ValueError(f"Missing environment variables: {', '.join(missing)}")
    venv, deduper = (os.environ[name] for name in names)
    return [f"{venv}/bin/python", f"{deduper}/src/main.py", *arguments]


def deduper_environment() -> dict:
    """Return the child's environment: ours, under a log name of its own."""
    return {**os.environ, "NAME_APP": "NewsNexusPythonDeduper"}


def _run(job: dict) -> None:
    try:
        arguments = ["analyze_fast"]
        if "reportId" in job:
            arguments += ["--report-id", str(job["reportId"])]
        process = subprocess.Popen(
            deduper_command(*arguments),
            env=deduper_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        job["process"] = process
        job["startedAt"] = now()
        job["status"] = "running"
        job["stdout"], job["stderr"] = process.communicate()
        job["exitCode"] = process.returncode
        job["completedAt"] = now()
        job["status"] = "completed" if process.returncode == 0 else "failed"
    except Exception as error:
        job["error"] = str(error)
        job["completedAt"] = now()
        job["status"] = "failed"
