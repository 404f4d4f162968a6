"""Engines to try, on a real store, with processes and time that obey the test.

A new kind of engine is one more entry in `KINDS`: it then has to pass the same suite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from worker_python.engines.local import Keep, LocalEngine, LocalOptions, Retry
from worker_python.engines.testing import Bench, FlakyStore, ScriptedExecutor, VirtualClock
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Engine
from worker_python.storage.sqlite import SqliteJobStore

OpenBench = Callable[..., Awaitable[Bench]]

UNCONFIGURED = 404
"""Report whose command is not allowed by the settings."""
BROKEN = 500
"""Report whose command cannot be made, by a defect of ours."""


def command_for(job: Job) -> Command:
    if job.report_id == UNCONFIGURED:
        raise ConfigurationError(["PATH_TO_PYTHON_VENV is missing"])
    if job.report_id == BROKEN:
        raise ZeroDivisionError
    return Command(("deduper", str(job.id)), timeout_seconds=60)


async def soon(seconds: float) -> None:
    """Pause as the engine asks, without the waiting."""
    del seconds
    await asyncio.sleep(0.001)


def make_local(bench: Bench, **settings: Any) -> Engine:  # noqa: ANN401  # see `open_bench`
    options = LocalOptions(
        max_concurrent_jobs=settings.get("most", 1),
        drain_seconds=settings.get("drain_seconds", 0),
        retry=Retry(lost_jobs=settings.get("retry", False)),
        keep=Keep(jobs=settings.get("keep")),
        maintenance_marker="maintenance",
    )
    return LocalEngine(
        bench.store,
        bench.executor,
        command_for,
        bench.clock,
        options=options,
        observer=settings.get("observer", bench.events.append),
        reached=settings.get("reached", lambda _: None),
        pause=soon,
    )


KINDS: dict[str, Callable[..., Engine]] = {"local": make_local}


@pytest.fixture(params=KINDS)
def make_engine(request: pytest.FixtureRequest) -> Callable[..., Engine]:
    return KINDS[request.param]


@pytest.fixture
async def open_bench(
    make_engine: Callable[..., Engine], tmp_path: Path
) -> AsyncIterator[OpenBench]:
    """Start an engine on the test's database; the second call restarts the service.

    `settings`: most, drain_seconds, retry, keep, observer, reached.
    """
    benches: list[Bench] = []

    async def close(bench: Bench) -> None:
        bench.store.failing = bench.store.blind = bench.executor.deaf = False
        for attempt in bench.executor.alive:
            attempt.deaf = False
            if attempt.ending is not None:
                attempt.kill()
        await bench.engine.stop()
        await bench.store.close()

    async def open_it(
        executor: ScriptedExecutor | None = None,
        **settings: Any,  # noqa: ANN401  # of the kinds named above
    ) -> Bench:
        if benches:
            await close(benches.pop())
        store = FlakyStore(SqliteJobStore(tmp_path / "jobs.db"))
        executor = executor or ScriptedExecutor(VirtualClock())
        bench = Bench(engine=None, store=store, executor=executor, clock=executor.clock)  # type: ignore[arg-type]  # in a moment
        bench.engine = make_engine(bench, **settings)
        await store.open()
        benches.append(bench)
        await bench.engine.start()
        return bench

    yield open_it
    while benches:
        await close(benches.pop())


@pytest.fixture
async def bench(open_bench: OpenBench) -> Bench:
    return await open_bench()
