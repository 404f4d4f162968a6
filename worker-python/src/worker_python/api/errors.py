"""Errors as answers: the one place that knows which status an error of the domain has."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from worker_python.api.flask_semantics.answers import FlaskJSONResponse
from worker_python.api.flask_semantics.pages import error_page
from worker_python.jobs.errors import JobNotCancellableError, JobNotFoundError, WorkerError


def add_error_handlers(app: FastAPI) -> None:
    """Let `app` answer the errors its routes raise; what is neither of these is the edge's."""
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(WorkerError, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    del request
    match error:
        case HTTPException():
            allow = (error.headers or {}).get("Allow", "")
            return error_page(error.status_code, allow=allow.split(", ") if allow else ())
        case JobNotFoundError():
            return FlaskJSONResponse({"error": "Job not found"}, 404)
        case JobNotCancellableError():
            text = f"Cannot cancel job with status: {error.status}"
            return FlaskJSONResponse({"error": text}, 400)
        case _:
            return FlaskJSONResponse({"error": str(error)}, 500)
