"""Each crash point lies where its name says: between two things that are on disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.grounds import Ground, Kept
from worker_python.engines.testing import Bench, until
from worker_python.jobs.events import EventKind

OpenBench = Callable[..., Awaitable[Bench]]


async def test_the_points_of_a_job_lie_between_its_writes(
    open_bench: OpenBench, ground: Ground
) -> None:
    passed: list[tuple[CrashPoint, Kept, int]] = []

    def look(point: CrashPoint) -> None:
        passed.append((point, ground.kept(), len(bench.executor.alive)))

    bench = await open_bench(reached=look)
    job = await bench.submit()
    (attempt,) = await bench.running()
    await until(lambda: EventKind.STARTED in bench.told(job))
    attempt.finish()
    await until(lambda: bench.engine.active == 0)
    async with bench.engine.quiet():
        pass

    assert passed == [
        (CrashPoint.AFTER_INSERT, ("pending", False, False), 0),
        (CrashPoint.AFTER_CLAIM, ("running", True, False), 0),
        (CrashPoint.AFTER_SPAWN, ("running", True, False), 1),
        (CrashPoint.AFTER_PID_SAVED, ("running", True, True), 1),
        (CrashPoint.AFTER_EXIT, ("running", True, True), 0),
        (CrashPoint.AFTER_RESULT_SAVED, ("completed", True, True), 0),
        (CrashPoint.DURING_QUIET, ("completed", True, True), 0),
    ]
