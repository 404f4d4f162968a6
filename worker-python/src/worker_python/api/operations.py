"""What operators and their tools ask: is it alive, is it ready, its metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from worker_python.api.dependencies import services
from worker_python.api.flask_semantics.answers import FlaskJSONResponse
from worker_python.api.flask_semantics.routes import FlaskRoute
from worker_python.api.openapi import PAGE_ERRORS
from worker_python.api.schemas import Answer, Error
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.metrics import CONTENT_TYPE

router = APIRouter(route_class=FlaskRoute, tags=["operations"])


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Answer):
    """Jobs can be taken."""

    status: Literal["ready"] = "ready"


class NotReady(Error):  # noqa: N818  it is an answer, not an exception
    """Jobs cannot be taken now."""

    status: Literal["unready"] = "unready"


@router.get("/live", response_model=Alive, responses=PAGE_ERRORS)
async def live(request: Request) -> Response:
    """Say that the process answers."""
    del request
    return FlaskJSONResponse(Alive().content())


@router.get(
    "/ready",
    response_model=Ready,
    responses={**PAGE_ERRORS, 503: {"description": "Not now.", "model": NotReady}},
)
async def ready(request: Request) -> Response:
    """Say whether a job could be kept now."""
    reason = await services(request).health.unready()
    if reason is None:
        return FlaskJSONResponse(Ready().content())
    return FlaskJSONResponse(NotReady(error=reason).content(), 503)


@router.get("/metrics", response_class=PlainTextResponse, responses=PAGE_ERRORS)
async def metrics(request: Request) -> Response:
    """Show the metrics in Prometheus' text form; without those of jobs while the store is away."""
    parts = services(request)
    try:
        counts, age = await parts.health.queue()
    except StoreUnavailableError as error:
        parts.log.warning("metrics without jobs", error=str(error))
        counts, age = {}, 0.0
    jobs = {str(status): count for status, count in counts.items()}
    body = parts.metrics.expose(jobs, active=parts.health.active, queue_age=age)
    return Response(body, media_type=CONTENT_TYPE)
