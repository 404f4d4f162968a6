"""What routes need, made once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.requests import Request

from worker_python.deduper.health import HealthCheck
from worker_python.deduper.service import DeduperService
from worker_python.jobs.ports import Outputs
from worker_python.logs import Logger
from worker_python.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Services:
    """The parts behind the routes, alive from start-up to shutdown."""

    jobs: DeduperService
    outputs: Outputs
    health: HealthCheck
    metrics: Metrics
    log: Logger


def services_of(app: FastAPI) -> Services:
    """Return the services of a started application.

    Raises:
        RuntimeError: the application has not been started (its lifespan did not run).
    """
    try:
        services: Services = app.state.services
    except AttributeError as error:
        message = "the application has not been started: run its lifespan first"
        raise RuntimeError(message) from error
    return services


def services(request: Request) -> Services:
    """Return the services behind this request."""
    return services_of(request.app)


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
