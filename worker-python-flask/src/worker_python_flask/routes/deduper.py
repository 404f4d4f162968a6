"""The deduper's jobs over HTTP."""

import os
import subprocess
import time

from flask import Blueprint, jsonify

from ..jobs import create_job, deduper_command, deduper_environment, describe, jobs, now

deduper = Blueprint("deduper", __name__)


@deduper.route("/jobs")
def create():
    """Start a job over the article ids of the CSV."""
    try:
        job = create_job()
        return jsonify(jobId=job["jobId"], status="pending"), 201
    except Exception as error:
        return jsonify(error=str(error)), 500


@deduper.route("/jobs/reportId/<int:report_id>")
def create_for_report(report_id):
    """Start a job over the articles of one report."""
    try:
        job = create_job(report_id)
        return jsonify(jobId=job["jobId"], reportId=report_id, status="pending"), 201
    except Exception as error:
        return jsonify(error=str(error)), 500


@deduper.route("/jobs/list")
def list_jobs():
    """List all jobs in the order of their creation."""
    keys = ("jobId", "status", "createdAt")
    return jsonify(jobs=[{key: job[key] for key in keys} for job in list(jobs.values())])


@deduper.route("/jobs/<int:job_id>")
def detail(job_id):
    """Show one job."""
    if job_id not in jobs:
        return jsonify(error="Job not found"), 404
    return jsonify(describe(jobs[job_id]))


@deduper.route("/jobs/<int:job_id>/cancel", methods=["POST"])
def cancel(job_id):
    """Cancel a job that is pending or running."""
    if job_id not in jobs:
        return jsonify(error="Job not found"), 404
    job = jobs[job_id]
    if job["status"] not in ("pending", "running"):
        return jsonify(error=f"Cannot cancel job with status: {job['status']}"), 400
    try:
        _stop(job, patience=1)
        return jsonify(jobId=job_id, status="cancelled", message="Job cancelled successfully")
    except Exception as error:
        return jsonify(error=str(error)), 500


@deduper.route("/health")
def health():
    """Say whether the deduper can be reached, and how many jobs there are."""
    try:
        path = os.environ.get("PATH_TO_MICROSERVICE_DEDUPER")
        environment = {
            "deduper_path_configured": bool(path),
            "python_venv_configured": bool(os.environ.get("PATH_TO_PYTHON_VENV")),
        }
        if path:
            environment["deduper_path_exists"] = os.path.exists(path)
        status = "healthy" if environment.get("deduper_path_exists", True) else "unhealthy"
        return jsonify(status=status, timestamp=now(), environment=environment, jobs=_counts())
    except Exception as error:
        return jsonify(status="unhealthy", error=str(error), timestamp=now()), 500


@deduper.route("/clear-db-table", methods=["DELETE"])
def clear_db_table():
    """Cancel all jobs and empty the deduper's table."""
    try:
        command = deduper_command("clear_table", "-y")
    except ValueError as error:
        return jsonify(error=str(error)), 500
    cancelled = []
    try:
        for job_id, job in jobs.items():
            if job["status"] in ("pending", "running"):
                _stop(job, patience=0.5)
                cancelled.append(job_id)
        finished = subprocess.run(
            command, env=deduper_environment(), capture_output=True, text=True, timeout=60
        )
        answer = {
            "cleared": finished.returncode == 0,
            "cancelledJobs": cancelled,
            "exitCode": finished.returncode,
            "stdout": finished.stdout,
            "stderr": finished.stderr,
            "timestamp": now(),
        }
        if finished.returncode == 0:
            return jsonify(answer)
        return jsonify({**answer, "error": "Clear table command failed"}), 500
    except subprocess.TimeoutExpired:
        error = "Clear table command timed out"
        return jsonify(error=error, cancelledJobs=cancelled, timestamp=now()), 500
    except Exception as error:
        return jsonify(error=str(error), cancelledJobs=cancelled, timestamp=now()), 500


def _counts() -> dict:
    statuses = [job["status"] for job in list(jobs.values())]
    names = ("pending", "running", "completed", "failed", "cancelled")
    return {"total": len(statuses), **{name: statuses.count(name) for name in names}}


def _stop(job: dict, patience: float) -> None:
    process = job["process"]
    if process is not None:
        process.terminate()
        time.sleep(patience)
        if process.poll() is None:
            process.kill()
    job["status"] = "cancelled"
    job["completedAt"] = now()
