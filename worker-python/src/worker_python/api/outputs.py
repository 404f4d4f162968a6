"""The whole output of a job, of which its detail shows the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from worker_python.api.dependencies import services
from worker_python.api.flask_semantics.routes import FlaskRoute
from worker_python.api.openapi import NO_JOB, PAGE_ERRORS
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Stream

router = APIRouter(prefix="/deduper/jobs/{job_id:flask_int}", route_class=FlaskRoute, tags=["jobs"])

JobPath = Annotated[int, Path(ge=0, description="Id of a job.", examples=[7])]

_TYPE = "text/plain; charset=utf-8"


@router.get("/stdout", response_class=PlainTextResponse, responses={**PAGE_ERRORS, **NO_JOB})
async def stdout(request: Request, job_id: JobPath) -> Response:
    """Show what the job's last attempt wrote to stdout, up to `OUTPUT_MAX_BYTES`."""
    return await _output(request, job_id, Stream.STDOUT)


@router.get("/stderr", response_class=PlainTextResponse, responses={**PAGE_ERRORS, **NO_JOB})
async def stderr(request: Request, job_id: JobPath) -> Response:
    """Show what the job's last attempt wrote to stderr, up to `OUTPUT_MAX_BYTES`."""
    return await _output(request, job_id, Stream.STDERR)


async def _output(request: Request, job_id: int, stream: Stream) -> Response:
    parts = services(request)
    job = await parts.jobs.detail(job_id)
    content = parts.outputs.read(job, stream)
    first = await anext(content, None)  # before the status is sent: it may not be readable
    if first is None:
        return Response(_tail(job, stream), media_type=_TYPE)
    return StreamingResponse(_from(first, content), media_type=_TYPE)


def _tail(job: Job, stream: Stream) -> str:
    return (job.stdout if stream is Stream.STDOUT else job.stderr) or ""


async def _from(first: bytes, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in content:
        yield part
