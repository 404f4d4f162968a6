"""Any sequence of what may happen to an engine, against a model of what was promised."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from worker_python.engines.crash_points import CrashPoint
from worker_python.engines.grounds import Ground
from worker_python.engines.testing import (
    Bench,
    ScriptedAttempt,
    ScriptedExecutor,
    VirtualClock,
    until,
)
from worker_python.jobs.errors import JobNotCancellableError, StoreUnavailableError
from worker_python.jobs.events import EventKind
from worker_python.jobs.job import Job, JobSummary
from worker_python.jobs.status import JobStatus

MakeBench = Callable[..., Awaitable[Bench]]

TIME_LIMIT_SECONDS = 60
REFUSED_REPORT = 404
ATTEMPTS_AT_MOST = 3
EXAMPLES = int(os.environ.get("ENGINE_MACHINE_EXAMPLES", "25"))
NUMBERS = st.integers(0, 99)
"""Chooses a job. What is drawn must not depend on the jobs there are: crashes keep no order."""


def pick(job_ids: Iterable[int], number: int) -> int | None:
    found = sorted(job_ids)
    return found[number % len(found)] if found else None


def close_connections_of_the_dead() -> None:
    """Close what nobody could: the kernel does, where a process is killed."""
    for one in gc.get_objects():
        if type(one) is psycopg.AsyncConnection:
            one.pgconn.finish()


class Crashed(BaseException):
    """The service is gone at this point; nothing of it may catch this."""


class EngineMachine(RuleBasedStateMachine):
    """The model is `expected`: the status each acknowledged job must have once all is calm."""

    def __init__(self, ground: Ground, make_bench: MakeBench) -> None:
        super().__init__()
        self.ground = ground
        self.make_bench = make_bench
        self.runner = asyncio.Runner()
        self.runner.get_loop().set_exception_handler(lambda *_: None)  # crashes are on purpose
        self.executor = ScriptedExecutor(VirtualClock())
        self.expected: dict[int, JobStatus] = {}
        self.attempts: dict[int, int] = {}
        self.terminal: dict[int, Job] = {}
        self.crash_at: CrashPoint | None = None
        self.crashed = asyncio.Event()
        self.refused: set[int] = set()

    @initialize(most=st.integers(1, 3), retry=st.booleans())
    def open(self, most: int, retry: bool) -> None:  # noqa: FBT001  # drawn
        self.most, self.retry = most, retry
        self.run(self.start_service())

    def teardown(self) -> None:
        self.run(self.kill_service())
        self.runner.close()

    # ── what may happen ──────────────────────────────────────────────────────

    @rule(number=st.integers(1, 4))
    def submit(self, number: int) -> None:
        jobs = self.run(self.together(*(self.bench.submit() for _ in range(number))))
        self.acknowledge(jobs)

    @rule()
    def submit_what_the_settings_do_not_allow(self) -> None:
        job = self.run(self.bench.submit(REFUSED_REPORT))
        self.expected[job.id] = JobStatus.PENDING
        self.refused.add(job.id)
        self.promote()

    @rule(number=NUMBERS, exit_code=st.sampled_from([0, 1, -9]))
    def finish(self, number: int, exit_code: int) -> None:
        if (job_id := pick(self.running(), number)) is None:
            return
        self.attempt_of(job_id).finish(exit_code)
        self.end(job_id, JobStatus.COMPLETED if exit_code == 0 else JobStatus.FAILED)

    @rule()
    def run_out_of_time(self) -> None:
        self.executor.clock.advance(TIME_LIMIT_SECONDS)
        self.executor.run_out_of_time()
        for job_id in self.running():
            self.end(job_id, JobStatus.FAILED, promote=False)
        self.promote()

    @rule(number=NUMBERS, callers=st.integers(1, 10))
    def cancel(self, number: int, callers: int) -> None:
        if (job_id := pick(self.expected, number)) is None:
            return
        before = self.expected[job_id]
        cancels = (self.bench.engine.cancel(job_id) for _ in range(callers))
        answers = self.run(self.together(*cancels))
        winners = [answer for answer in answers if isinstance(answer, Job)]
        losers = [answer for answer in answers if isinstance(answer, JobNotCancellableError)]

        assert len(winners) + len(losers) == callers
        assert len(winners) == (0 if before.terminal else 1)
        if winners:
            self.end(job_id, JobStatus.CANCELLED)
        assert {loser.status for loser in losers} <= {self.expected[job_id]}

    @rule(number=NUMBERS, turns=st.integers(0, 12), exit_first=st.booleans())
    def cancel_and_finish_at_once(
        self,
        number: int,
        turns: int,
        exit_first: bool,  # noqa: FBT001  # drawn
    ) -> None:
        if (job_id := pick(self.running(), number)) is None:
            return
        attempt = self.attempt_of(job_id)
        attempt.deaf = True  # it ends when it likes, also while it is being stopped
        if exit_first:
            attempt.finish(0)
        cancel, finish = self.bench.engine.cancel(job_id), self.finish_after(attempt, turns)
        answer = self.run(self.together(cancel, finish))[0]

        won = isinstance(answer, Job)
        assert not (won and exit_first)
        self.end(job_id, JobStatus.CANCELLED if won else JobStatus.COMPLETED)

    @rule(arriving=st.integers(0, 3))
    def clear(self, arriving: int) -> None:
        cancelled, jobs = self.run(self.clear_while(arriving))
        assert cancelled == sorted(self.open_jobs())
        for job_id in cancelled:
            self.end(job_id, JobStatus.CANCELLED, promote=False)
        self.acknowledge(jobs)

    @rule(number=NUMBERS)
    def finish_on_a_full_disk(self, number: int) -> None:
        if (job_id := pick(self.running(), number)) is None:
            return
        self.run(self.told_of_start(job_id))
        self.bench.store.failing = True
        self.attempt_of(job_id).finish(0)
        (refusal,) = self.run(self.together(self.bench.submit()))
        assert isinstance(refusal, StoreUnavailableError)
        assert self.run(self.kept(job_id)).status is JobStatus.RUNNING
        self.bench.store.failing = False
        self.end(job_id, JobStatus.COMPLETED)

    @rule()
    def restart(self) -> None:
        self.run(self.stop_service())
        for job_id in self.running():
            self.lose(job_id)
        self.run(self.start_service())
        self.promote()

    @rule(survivors=st.booleans())
    def crash(self, survivors: bool) -> None:  # noqa: FBT001  # drawn
        lost = self.running()
        self.run(self.kill_service())
        if not survivors:  # the guards were faster than the restart
            for attempt in self.executor.alive:
                attempt.kill()
        for job_id in lost:
            self.lose(job_id)
        self.run(self.start_service())
        self.promote()

    @rule(point=st.sampled_from(CrashPoint))
    def crash_at_a_point(self, point: CrashPoint) -> None:
        """Do something that passes the point; what was promised before it must hold after it."""
        self.crash_at, self.crashed = point, asyncio.Event()
        self.provoke(point)
        self.crash_at = None
        self.run(self.kill_service())
        self.run(self.reconcile())
        self.run(self.start_service())
        self.promote()

    # ── what must hold ───────────────────────────────────────────────────────

    @invariant()
    def all_is_as_promised(self) -> None:
        self.run(self.calm())
        assert len(self.executor.alive) <= self.most
        assert sorted(self.expected) == list(range(1, len(self.expected) + 1)), "ids have a gap"
        for job_id, status in self.expected.items():
            if status.terminal:
                job = self.run(self.kept(job_id))
                assert self.terminal.setdefault(job_id, job) == job, "a terminal job changed"

    # ── the model ────────────────────────────────────────────────────────────

    def running(self) -> list[int]:
        return [key for key, status in self.expected.items() if status is JobStatus.RUNNING]

    def open_jobs(self) -> list[int]:
        return [key for key, status in self.expected.items() if not status.terminal]

    def acknowledge(self, jobs: list[Job]) -> None:
        for job in sorted(jobs, key=lambda job: job.id):
            self.expected[job.id] = JobStatus.PENDING
        self.promote()

    def promote(self) -> None:
        """Start what the engine must start: in order, as many as may run."""
        for job_id in sorted(self.expected):
            pending = self.expected[job_id] is JobStatus.PENDING
            if pending and len(self.running()) < self.most:
                allowed = job_id not in self.refused
                self.expected[job_id] = JobStatus.RUNNING if allowed else JobStatus.FAILED
                self.attempts[job_id] = self.attempts.get(job_id, 0) + allowed

    def end(self, job_id: int, status: JobStatus, *, promote: bool = True) -> None:
        self.expected[job_id] = status
        if promote:
            self.promote()

    def lose(self, job_id: int) -> None:
        again = self.retry and self.attempts[job_id] < ATTEMPTS_AT_MOST
        self.expected[job_id] = JobStatus.PENDING if again else JobStatus.FAILED

    # ── the service ──────────────────────────────────────────────────────────

    def run(self, work: Awaitable[Any]) -> Any:  # noqa: ANN401  # whatever is awaited
        async def wrapped() -> Any:  # noqa: ANN401  # likewise
            return await work

        return self.runner.run(wrapped())

    async def start_service(self) -> None:
        self.bench = await self.make_bench(
            self.ground,
            self.executor,
            most=self.most,
            retry=self.retry,
            reached=self.reached,
            late=True,
        )
        await self.bench.engine.start()

    async def stop_service(self) -> None:
        await self.bench.engine.stop()
        await self.bench.store.close()

    async def kill_service(self) -> None:
        """Leave everything as it is at this moment, as SIGKILL does."""
        self.cut_off()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others, timeout=0.1)
        await self.together(self.bench.store.close())  # it may be as dead as the rest
        close_connections_of_the_dead()
        self.ground.hours_later()

    def cut_off(self) -> None:
        """The dead read nothing and write nothing."""
        self.bench.store.failing = self.bench.store.blind = True
        self.ground.cut_off()

    def reached(self, point: CrashPoint) -> None:
        if point is self.crash_at:
            self.crash_at = None
            self.cut_off()
            self.crashed.set()
            raise Crashed

    def provoke(self, point: CrashPoint) -> None:
        """Do what passes the point."""
        if point is CrashPoint.DURING_RECOVERY:
            self.run(self.kill_service())
            self.run(self.together(self.start_service()))
            self.run(self.crash_or_calm())
        elif point is CrashPoint.DURING_QUIET:
            self.run(self.together(self.clear_while(0)))
        else:
            self.run(self.together(self.bench.submit()))
            self.run(self.crash_or_calm())
            if not self.crashed.is_set() and (alive := self.executor.alive):
                alive[0].finish(0)
                self.run(self.crash_or_calm())

    async def crash_or_calm(self) -> None:
        """Wait until the service is dead or has nothing left to start."""

        async def settled() -> bool:
            counts = await self.bench.store.counts()
            running = counts[JobStatus.RUNNING]
            if counts[JobStatus.PENDING] and running < self.most:
                return False
            return bool(running == len(self.executor.alive) == self.bench.engine.active)

        calm = asyncio.create_task(until(settled))
        dead = asyncio.create_task(self.crashed.wait())
        await asyncio.wait((calm, dead), return_when=asyncio.FIRST_COMPLETED)
        if not self.crashed.is_set():
            calm.result()

    async def reconcile(self) -> None:
        """Take over what the dead left on disk, after checking it against what was promised."""
        store = self.ground.store()
        await store.open()
        kept = {job.id: job for job in await store.with_status(*JobStatus)}
        await store.close()
        assert set(self.expected) <= set(kept), "an acknowledged job is lost"
        for job_id, status in self.expected.items():
            if status.terminal:
                assert kept[job_id] == self.terminal[job_id]
        for job_id, job in kept.items():
            self.expected[job_id], self.attempts[job_id] = job.status, job.token
            if job.status is JobStatus.RUNNING:
                self.lose(job_id)

    async def together(self, *work: Awaitable[Any]) -> list[Any]:
        return await asyncio.gather(*work, return_exceptions=True)

    async def finish_after(self, attempt: ScriptedAttempt, turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        attempt.finish(0)

    async def clear_while(self, arriving: int) -> tuple[list[int], list[Job]]:
        async with self.bench.engine.quiet() as quiet:
            assert self.executor.alive == []
            jobs = [await self.bench.submit() for _ in range(arriving)]
            assert self.executor.alive == []
            return list(quiet.cancelled), jobs

    async def told_of_start(self, job_id: int) -> None:
        await until(
            lambda: any(
                event.kind is EventKind.STARTED and event.job.id == job_id
                for event in self.bench.events
            )
        )

    async def calm(self) -> None:
        """Wait until the store and the processes are what the model says."""
        expected = self.expected, {job_id: self.attempts[job_id] for job_id in self.running()}
        found: list[Any] = []

        async def as_expected() -> bool:
            statuses = {one.id: one.status for one in await self.listed()}
            running = await self.bench.store.with_status(JobStatus.RUNNING)
            alive = sorted(int(one.command.argv[1]) for one in self.executor.alive)
            found[:] = [(statuses, {one.id: one.token for one in running}), alive]
            return bool(found == [expected, sorted(self.running())])

        try:
            await until(as_expected, seconds=10)
        except TimeoutError:
            assert found == [expected, sorted(self.running())]

    async def listed(self) -> list[JobSummary]:
        return [summary async for batch in self.bench.store.summaries() for summary in batch]

    async def kept(self, job_id: int) -> Job:
        return await self.bench.store.get(job_id)  # type: ignore[no-any-return]  # passed on

    def attempt_of(self, job_id: int) -> ScriptedAttempt:
        (attempt,) = [one for one in self.executor.alive if one.command.argv[1] == str(job_id)]
        return attempt


@pytest.mark.timeout(3600)
def test_whatever_happens_all_is_as_promised(
    kind: str, new_ground: Callable[[], Ground], make_bench: MakeBench
) -> None:
    run_state_machine_as_test(
        lambda: EngineMachine(new_ground(), make_bench),  # type: ignore[arg-type]  # any maker will do
        settings=settings(
            max_examples=EXAMPLES if kind == "local" else max(1, EXAMPLES // 10),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
