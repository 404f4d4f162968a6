"""Errors as answers: the one place that knows which status an error of the domain has."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from worker_python.api.flask_semantics.answers import FlaskJSONResponse
from worker_python.api.flask_semantics.pages import error_page
from worker_python.jobs.errors import JobNotCancellableError, JobNotFoundError, WorkerError


def answer_for(error: Exception) -> Response | None:
    """Return the answer to an error that a route raised on purpose; None where it is a defect."""
    match error:
        case HTTPException():
            allow = (error.headers or {}).get("Allow", "")
            return error_page(error.status_code, allow=allow.split(", ") if allow else ())
        case JobNotFoundError():
            return FlaskJSONResponse({"error": "Job not found"}, 404)
        case JobNotCancellableError():
            text = f"Cannot cancel job with status: {error.status}"
            return FlaskJSONResponse({"error": text}, 400)
        case WorkerError():
            return FlaskJSONResponse({"error": str(error)}, 500)
        case _:
            return None
