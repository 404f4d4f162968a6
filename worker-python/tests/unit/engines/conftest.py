"""Engines to try, on a real store, with processes and time that obey the test.

A new kind of engine is one more ground: it then has to pass the same suite.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from rig.scene import Scene, opened
from worker_python.engines.grounds import DistributedGround, Ground, LocalGround, Wishes
from worker_python.engines.local import Keep, Retry
from worker_python.engines.local.context import Context
from worker_python.engines.testing import Bench, FlakyStore, ScriptedExecutor, VirtualClock
from worker_python.jobs.attempt import Command
from worker_python.jobs.errors import ConfigurationError
from worker_python.jobs.job import Job
from worker_python.storage.testing import OwnPostgres

NewGround = Callable[[], Ground]
MakeBench = Callable[..., Awaitable[Bench]]
OpenBench = Callable[..., Awaitable[Bench]]

UNCONFIGURED = 404
"""Report whose command is not allowed by the settings."""
BROKEN = 500
"""Report whose command cannot be made, by a defect of ours."""

LOCAL = "local"
DISTRIBUTED = pytest.param("distributed", marks=pytest.mark.slow)  # it brings up PostgreSQL

LOCAL_ONLY = {
    "test_a_maintenance_command_that_outlived_a_crash_is_taken_down_before_a_job_starts": (
        "no other machine could; there its guard alone does"
    ),
    "test_a_start_that_cannot_settle_what_was_lost_fails": "a worker waits for its database",
}
"""Everything else is promised by both."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        local = metafunc.function.__name__ in LOCAL_ONLY
        metafunc.parametrize("kind", [LOCAL] if local else [LOCAL, DISTRIBUTED])


@pytest.fixture
def new_ground(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> NewGround:
    """Return a maker of empty databases, and what engines of this kind do on them."""
    made = 0

    def make() -> Ground:
        nonlocal made
        made += 1
        if kind == LOCAL:
            return LocalGround(tmp_path / f"jobs-{made}.db")
        postgres: OwnPostgres = request.getfixturevalue("postgres")
        return DistributedGround(request.getfixturevalue("new_database")(), postgres.url)

    return make


@pytest.fixture
def ground(new_ground: NewGround) -> Ground:
    return new_ground()


@pytest.fixture
async def scene(new_database: Callable[[], str], postgres: OwnPostgres) -> AsyncIterator[Scene]:
    async with opened(DistributedGround(new_database(), postgres.url)) as scene:
        yield scene


@pytest.fixture
def make_bench() -> MakeBench:
    """Return a maker of engines that are not started yet, their stores open.

    Settings: most, drain_seconds, join_waiting, retry, keep, outputs, patience, late, observer,
    reached.
    """

    async def make(
        ground: Ground,
        executor: ScriptedExecutor,
        **settings: Any,  # noqa: ANN401  # of the kinds named above
    ) -> Bench:
        store = FlakyStore(ground.store(wishes(settings)))
        bench = Bench(None, store, executor, executor.clock)  # type: ignore[arg-type]  # in a moment
        context = Context(
            store,
            executor,
            command_for,
            executor.clock,
            settings.get("observer", bench.events.append),
            settings.get("reached", lambda _: None),
            pause=soon,
        )
        bench.engine = ground.engine(context, wishes(settings))
        await store.open()
        return bench

    return make


@pytest.fixture
async def open_bench(ground: Ground, make_bench: MakeBench) -> AsyncIterator[OpenBench]:
    """Start an engine on the test's database; the second call restarts the service later."""
    benches: list[Bench] = []

    async def open_it(
        executor: ScriptedExecutor | None = None,
        **settings: Any,  # noqa: ANN401  # see `make_bench`
    ) -> Bench:
        late = executor is not None
        if benches:
            await close(benches.pop())
            await asyncio.to_thread(ground.hours_later)
            late = True
        executor = executor or ScriptedExecutor(VirtualClock())
        bench = await make_bench(ground, executor, late=late, **settings)
        benches.append(bench)
        await bench.engine.start()
        return bench

    yield open_it
    while benches:
        await close(benches.pop())


@pytest.fixture
async def bench(open_bench: OpenBench) -> Bench:
    return await open_bench()


def command_for(job: Job) -> Command:
    if job.report_id == UNCONFIGURED:
        raise ConfigurationError(["PATH_TO_PYTHON_VENV is missing"])
    if job.report_id == BROKEN:
        raise ZeroDivisionError
    return Command(("deduper", str(job.id)), timeout_seconds=60)


def wishes(settings: dict[str, Any]) -> Wishes:
    return Wishes(
        most=settings.get("most", 1),
        drain_seconds=settings.get("drain_seconds", 0.0),
        join_waiting=settings.get("join_waiting", False),
        retry=Retry(lost_jobs=settings.get("retry", False)),
        keep=Keep(jobs=settings.get("keep"), outputs=settings.get("outputs")),
        cancel_patience_seconds=settings.get("patience", 20.0),
        late=settings.get("late", False),
    )


async def soon(seconds: float) -> None:
    """Pause as the engine asks, without the waiting."""
    del seconds
    await asyncio.sleep(0.001)


async def close(bench: Bench) -> None:
    bench.store.failing = bench.store.blind = bench.executor.deaf = False
    for attempt in bench.executor.alive:
        attempt.deaf = False
        if attempt.ending is not None:
            attempt.kill()
    await bench.engine.stop()
    await bench.store.close()
