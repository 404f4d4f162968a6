"""Engines to try, on a real store, with processes and time that obey the test.

A new kind of engine is one more entry in `KINDS`: it then has to pass the same suite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from worker_python.engines.distributed import DistributedEngine, DistributedOptions, Worker
from worker_python.engines.local import Keep, LocalEngine, LocalOptions, Retry
from worker_python.engines.local.context import Context
from worker_python.engines.testing import Bench, FlakyStore, ScriptedExecutor, VirtualClock
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import Job
from worker_python.jobs.ports import Engine, JobStore
from worker_python.storage.postgres import PostgresJobStore
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
        keep=Keep(jobs=settings.get("keep"), outputs=settings.get("outputs")),
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


class Together:
    """Both halves of the distributed engine in one process: who takes jobs, and who runs them."""

    def __init__(self, engine: DistributedEngine, worker: Worker) -> None:
        self._engine = engine
        self._worker = worker
        self.submit, self.cancel, self.quiet = engine.submit, engine.cancel, engine.quiet

    @property
    def active(self) -> int:
        return self._worker.active

    async def start(self) -> None:
        await self._engine.start()
        await self._worker.start()

    async def stop(self) -> None:
        await self._worker.stop()
        await self._engine.stop()


def make_distributed(bench: Bench, **settings: Any) -> Engine:  # noqa: ANN401  # see `open_bench`
    url: str = settings["url"]
    options = DistributedOptions(
        max_concurrent_jobs=settings.get("most", 1),
        drain_seconds=settings.get("drain_seconds", 0),
        retry=Retry(lost_jobs=settings.get("retry", False)),
        keep=Keep(jobs=settings.get("keep"), outputs=settings.get("outputs")),
        cancel_patience_seconds=5,
    )
    context = Context(
        bench.store,
        bench.executor,
        command_for,
        bench.clock,
        settings.get("observer", bench.events.append),
        settings.get("reached", lambda _: None),
        pause=soon,
    )
    worker = Worker(url, bench.store.pool, context, options)
    return Together(DistributedEngine(url, context, options), worker)


KINDS: dict[str, Callable[..., Engine]] = {"local": make_local, "distributed": make_distributed}
LOCAL = "local"
DISTRIBUTED = pytest.param("distributed", marks=pytest.mark.slow)  # it brings up PostgreSQL

SHARED = {"test_running", "test_cancelling"}
"""What both engines promise; the other modules look inside the local one."""
LOCAL_ONLY = {
    "test_a_job_cancelled_before_its_process_was_started_never_has_one": "looks at its slots",
    "test_a_job_put_back_in_line_under_a_cancel_is_cancelled_there": "another process may have it",
    "test_a_running_job_that_nobody_runs_is_not_said_to_be_cancelled": "some worker may run it",
    "test_a_cancel_that_cannot_be_written_is_refused_and_written_later": "waits for the worker",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        everywhere = module in SHARED and metafunc.function.__name__ not in LOCAL_ONLY
        metafunc.parametrize("kind", [LOCAL, DISTRIBUTED] if everywhere else [LOCAL])


@pytest.fixture
def make_engine(kind: str, request: pytest.FixtureRequest) -> Callable[..., Engine]:
    if kind == "local":
        return make_local
    url = request.getfixturevalue("new_database")()
    return partial(make_distributed, url=url)


@pytest.fixture
def make_store(make_engine: Callable[..., Engine], tmp_path: Path) -> Callable[[], JobStore]:
    """Return a maker of stores on the test's database."""
    if not isinstance(make_engine, partial):
        return lambda: SqliteJobStore(tmp_path / "jobs.db")
    url: str = make_engine.keywords["url"]
    return lambda: PostgresJobStore(url)


@pytest.fixture
async def open_bench(
    make_engine: Callable[..., Engine], make_store: Callable[[], JobStore]
) -> AsyncIterator[OpenBench]:
    """Start an engine on the test's database; the second call restarts the service.

    `settings`: most, drain_seconds, retry, keep, outputs, observer, reached.
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
        store = FlakyStore(make_store())
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
