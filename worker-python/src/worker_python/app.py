"""The composition root: makes the parts from the settings, and the application around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import ValidationError

from worker_python.api import deduper, index, operations, outputs
from worker_python.api.dependencies import Services
from worker_python.api.edge import Edge
from worker_python.api.flask_semantics.slashes import MergedSlashes
from worker_python.api.layers import LeanFastAPI
from worker_python.api.openapi import DESCRIPTION, TITLE
from worker_python.api.startup import PlainStartupFailure
from worker_python.deduper.clear import Clearing
from worker_python.deduper.command import DeduperCommands
from worker_python.deduper.health import HealthCheck
from worker_python.deduper.observer import LifecycleObserver
from worker_python.deduper.service import DeduperService
from worker_python.engines.choice import Choice
from worker_python.jobs.errors import ConfigurationError
from worker_python.logs import Logger, make_logger
from worker_python.metrics import Metrics
from worker_python.settings import ENV_FILE, Settings, problems
from worker_python.storage.adoption import Adoption
from worker_python.tracing import AttemptTracer, exported

TRACES: TelemetryConfig = {"auto_configure": True, "metrics": False, "logs": False}
"""Sent where OTEL_EXPORTER_OTLP_ENDPOINT is set; metrics and logs have ways of their own."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application; without `settings` it reads them when it starts, not now."""
    metrics = Metrics()
    app = LeanFastAPI(
        title=TITLE,
        description=DESCRIPTION,
        version=version("worker-python"),
        lifespan=_lifespan(settings, metrics),
        redirect_slashes=False,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        telemetry=TRACES,
    )
    app.router.default = MergedSlashes(app)
    # One entry a route, the most asked first: an included router is one entry that matches twice.
    routers = (
        deduper.router,
        deduper.creating,
        index.router,
        outputs.router,
        operations.router,
    )
    app.router.routes[:0] = [route for router in routers for route in router.routes]
    app.add_middleware(Edge, metrics=metrics)
    app.add_middleware(PlainStartupFailure)
    return app


def read_settings() -> Settings:
    """Return the settings of this process; raises `ConfigurationError` that names all mistakes."""
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError(problems(error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{ENV_FILE} cannot be read: {error}"]) from error


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Run jobs of the database that the settings name, until `stop` is set.

    Raises:
        ConfigurationError: they name no PostgreSQL, or a port that cannot be had.
        StoreUnavailableError: it does not answer.
    """
    log = make_logger(settings.log_format, settings.log_level)
    metrics = Metrics()
    observer = LifecycleObserver(log, metrics, AttemptTracer())
    store, worker = Choice(settings, DeduperCommands(settings).for_job, _now, observer).worker()
    with exported(log.warning):
        await store.open()
        try:
            with _shown(settings, metrics, log, lambda: worker.active):
                await worker.start()
                await stop.wait()
        finally:
            await worker.stop()
            await store.close()


@contextmanager
def _shown(
    settings: Settings, metrics: Metrics, log: Logger, active: Callable[[], int]
) -> Iterator[None]:
    """Show the metrics of a worker process, where the settings name a port."""
    with ExitStack() as stack:
        if settings.metrics_port is not None:
            served = metrics.served(settings.host, settings.metrics_port, active=active)
            try:
                port = stack.enter_context(served)
            except OSError as error:
                raise ConfigurationError(
                    [f"METRICS_PORT={settings.metrics_port}: {error}"]
                ) from error
            log.info("metrics shown", url=f"http://{settings.host}:{port}/metrics")
        yield


def _lifespan(
    settings: Settings | None, metrics: Metrics
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _running(settings or read_settings(), metrics) as services:
            app.state.services = services
            yield

    return lifespan


@asynccontextmanager
async def _running(settings: Settings, metrics: Metrics) -> AsyncIterator[Services]:
    log = make_logger(settings.log_format, settings.log_level)
    commands = DeduperCommands(settings)
    observer = LifecycleObserver(log, metrics, AttemptTracer())
    store, engine, whole = Choice(settings, commands.for_job, _now, observer).service()
    await store.open()
    try:
        await engine.start()
        try:
            services = Services(
                outputs=whole,
                jobs=DeduperService(engine, store, Clearing(engine, commands), _now),
                health=HealthCheck(settings, store, engine, _now),
                metrics=metrics,
                log=log,
            )
            async with _bridged(services, settings) as services:
                yield services
        finally:
            await engine.stop()
    finally:
        await store.close()


@asynccontextmanager
async def _bridged(services: Services, settings: Settings) -> AsyncIterator[Services]:
    """Let list, health and clear speak for an old worker too, where the settings name one."""
    if settings.legacy_worker_url is None:
        yield services
        return
    from worker_python.deduper.legacy import bridge, client  # noqa: PLC0415  # httpx: 80 ms

    url, seconds = str(settings.legacy_worker_url), settings.legacy_timeout_seconds
    adoption = Adoption(settings.job_store)
    jobs, health, clearing = services.jobs, services.health, services.jobs.clearing
    async with client.legacy_worker(url, timeout_seconds=seconds) as legacy:
        link = bridge.Bridge(legacy, lambda: adoption.complete, services.metrics, services.log)
        clear = bridge.BridgedClearing(clearing.engine, clearing.commands, link)
        yield replace(
            services,
            jobs=bridge.BridgedService(jobs.engine, jobs.store, clear, jobs.clock, link),
            health=bridge.BridgedHealth(settings, health.store, health.engine, health.clock, link),
        )


def _now() -> datetime:
    return datetime.now(UTC)
