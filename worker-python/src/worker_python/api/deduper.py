"""The deduper's jobs over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from worker_python.api.dependencies import now, services
from worker_python.api.flask_semantics.answers import FlaskJSONResponse, PiecesResponse
from worker_python.api.flask_semantics.routes import CreatingRoute, FlaskRoute
from worker_python.api.job_detail import content
from worker_python.api.job_list import render
from worker_python.api.openapi import NO_JOB, NOT_KEPT, PAGE_ERRORS
from worker_python.api.request_id import request_id
from worker_python.api.schemas import (
    Answer,
    Cancelled,
    Cleared,
    Created,
    CreatedForReport,
    Error,
    HealthAnswer,
    HealthError,
    JobDetail,
    JobList,
    NotCleared,
    clear_answer,
    iso,
)
from worker_python.jobs.errors import StoreUnavailableError

creating = APIRouter(prefix="/deduper/jobs", route_class=CreatingRoute, tags=["jobs"])
router = APIRouter(prefix="/deduper", route_class=FlaskRoute, tags=["jobs"])

JobPath = Annotated[int, Path(ge=0, description="Id of a job.", examples=[7])]
ReportPath = Annotated[int, Path(ge=0, description="Id of a report.", examples=[84])]


@creating.get("", status_code=201, response_model=Created, responses={**PAGE_ERRORS, **NOT_KEPT})
async def create(request: Request) -> Response:
    """Queue a run over the article ids of the CSV."""
    job = await services(request).jobs.submit(None, request_id(request.scope))
    return _answer(Created(job_id=job.id), 201)


@creating.get(
    "/reportId/{report_id:flask_int}",
    status_code=201,
    response_model=CreatedForReport,
    responses={**PAGE_ERRORS, **NOT_KEPT},
)
async def create_for_report(request: Request, report_id: ReportPath) -> Response:
    """Queue a run over the articles of one report."""
    job = await services(request).jobs.submit(report_id, request_id(request.scope))
    return _answer(CreatedForReport(job_id=job.id, report_id=report_id), 201)


@router.get(
    "/jobs/{job_id:flask_int}", response_model=JobDetail, responses={**PAGE_ERRORS, **NO_JOB}
)
async def detail(request: Request, job_id: JobPath) -> Response:
    """Show one job."""
    return FlaskJSONResponse(content(await services(request).jobs.detail(job_id)))


@router.post(
    "/jobs/{job_id:flask_int}/cancel",
    response_model=Cancelled,
    responses={
        **PAGE_ERRORS,
        **NO_JOB,
        400: {"description": "The job had ended.", "model": Error},
        500: {"description": "The job could not be cancelled.", "model": Error},
    },
)
async def cancel(request: Request, job_id: JobPath) -> Response:
    """Cancel a job that is pending or running; the answer comes when it is cancelled."""
    job = await services(request).jobs.cancel(job_id)
    return _answer(Cancelled(job_id=job.id))


@router.get("/jobs/list", response_model=JobList, responses=PAGE_ERRORS)
async def list_jobs(request: Request) -> Response:
    """List all jobs in the order of their creation."""
    return PiecesResponse(await render(await services(request).jobs.listing()))


@router.get(
    "/health",
    response_model=HealthAnswer,
    responses={**PAGE_ERRORS, 500: {"description": "It cannot be told.", "model": HealthError}},
)
async def health(request: Request) -> Response:
    """Say whether the deduper can be reached, and how many jobs there are."""
    try:
        return _answer(HealthAnswer.of(await services(request).health.health()))
    except StoreUnavailableError as error:
        return _answer(HealthError(error=str(error), timestamp=iso(now())), 500)


@router.delete(
    "/clear-db-table",
    response_model=Cleared,
    responses={
        **PAGE_ERRORS,
        500: {"description": "A setting is missing, or the command failed.", "model": NotCleared},
    },
)
async def clear_db_table(request: Request) -> Response:
    """Cancel all jobs and empty the deduper's table."""
    report = await services(request).jobs.clear(request_id(request.scope))
    return _answer(clear_answer(report, now()), 200 if report.error is None else 500)


def _answer(answer: Answer, status: int = 200) -> Response:
    return FlaskJSONResponse(answer.content(), status)
