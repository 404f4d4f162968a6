"""Time that moves when told and processes that are none: for tests of engines, never for service.

What a real executor promises is kept: the first reason to end an attempt wins, `wait` returns when
nothing of it is left, and `recover` finds by its marker what an earlier service started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.errors import StoreUnavailableError
from worker_python.jobs.events import EventKind, JobEvent
from worker_python.jobs.job import Job, NewJob, ProcessIdentity
from worker_python.jobs.ports import AttemptNotStartedError, Engine, JobStore
from worker_python.jobs.status import JobStatus

_EXIT_CODE_OF_SIGTERM = -15


@dataclass(slots=True)
class VirtualClock:
    """A `Clock` that stands still until it is advanced."""

    now: datetime = datetime(2024, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(slots=True)
class ScriptedAttempt:
    """Runs until `finish`, `stop` or its time limit; a `deaf` one ignores stops until `kill`."""

    command: Command
    marker: str
    process: ProcessIdentity
    started_at: datetime
    deaf: bool = False
    ending: Ending | None = None
    outcome: Outcome | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def alive(self) -> bool:
        """Whether anything of it is left."""
        return self.outcome is None

    def finish(self, exit_code: int = 0, *, stdout: str = "", stderr: str = "") -> None:
        """Let the process end by itself; too late where it is being stopped and obeys."""
        if self.outcome is None:
            ending = self.ending or Ending.EXITED
            self.outcome = Outcome(ending, exit_code, stdout, stderr, seconds=1.0)
            self._over.set()

    def stop(self, ending: Ending) -> None:
        """Ask for the end; the first reason wins."""
        if self.alive and self.ending is None:
            self.ending = ending
            if not self.deaf:
                self.kill()

    def kill(self) -> None:
        """End what is being stopped, deaf or not."""
        self.finish(_EXIT_CODE_OF_SIGTERM)

    async def wait(self) -> Outcome:
        """Return when nothing is left of it."""
        await self._over.wait()
        if self.outcome is None:
            raise RuntimeError("an attempt is over without an outcome")
        return self.outcome


@dataclass(slots=True)
class ScriptedExecutor:
    """An `Executor` whose attempts do what the test says.

    `refusal` makes the next starts fail with its text, `defect` raises it instead, `deaf` makes
    attempts that ignore a stop, `before_start` runs in each start before anything else. `started`
    keeps every attempt there ever was, in order.
    """

    clock: VirtualClock
    started: list[ScriptedAttempt] = field(default_factory=list)
    refusal: str | None = None
    defect: Exception | None = None
    deaf: bool = False
    before_start: Callable[[], Awaitable[None]] | None = None

    @property
    def alive(self) -> list[ScriptedAttempt]:
        """The attempts of which something is left."""
        return [attempt for attempt in self.started if attempt.alive]

    async def start(self, command: Command, *, marker: str) -> ScriptedAttempt:
        """Start an attempt, unless it was told to refuse."""
        await asyncio.sleep(0)
        if self.before_start is not None:
            await self.before_start()
        if self.defect is not None:
            raise self.defect
        if self.refusal is not None:
            raise AttemptNotStartedError(self.refusal)
        process = ProcessIdentity(1000 + len(self.started), start_time=1, boot_id="boot")
        attempt = ScriptedAttempt(command, marker, process, self.clock.now, deaf=self.deaf)
        self.started.append(attempt)
        return attempt

    async def recover(self, process: ProcessIdentity | None, *, marker: str) -> bool:
        """Take down what carries the marker; the identity alone would do where it is known."""
        await asyncio.sleep(0)
        found = [one for one in self.alive if one.marker == marker or one.process == process]
        for attempt in found:
            attempt.kill()
        return bool(found)

    def run_out_of_time(self) -> None:
        """Stop every attempt that has run longer than its command may."""
        for attempt in self.alive:
            limit = attempt.command.timeout_seconds
            ran = (self.clock.now - attempt.started_at).total_seconds()
            if limit is not None and ran >= limit:
                attempt.stop(Ending.TIMED_OUT)


async def until(condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 20.0) -> None:
    """Wait for something that is bound to happen; raises `TimeoutError` where it does not."""
    async with asyncio.timeout(seconds):
        while not await _holds(condition()):  # noqa: ASYNC110  # nothing signals a test's condition
            await asyncio.sleep(0.001)


async def _holds(answer: bool | Awaitable[bool]) -> bool:  # noqa: FBT001  # it is the answer
    return answer if isinstance(answer, bool) else await answer


class FlakyStore:
    """Another store that refuses writes while `failing`, as a full disk does, and reads on demand.

    `blind` makes reads fail too. Everything else is the store's own.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self.failing = False
        self.blind = False
        self.refused = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the store has
        self._refuse_if(self.blind and name not in ("open", "close"))
        return getattr(self._store, name)

    async def add(self, new: NewJob) -> Job:
        """Keep a job, unless failing."""
        self._refuse_if(self.failing)
        return await self._store.add(new)

    async def join(self, new: NewJob) -> tuple[Job, bool]:
        """Keep a job unless its report has one, unless failing."""
        self._refuse_if(self.failing)
        return await self._store.join(new)

    async def replace(self, before: Job, after: Job) -> None:
        """Write a job, unless failing."""
        self._refuse_if(self.failing)
        await self._store.replace(before, after)

    def _refuse_if(self, condition: bool) -> None:  # noqa: FBT001  # it is the condition
        if condition:
            self.refused += 1
            raise StoreUnavailableError("the disk is full")


@dataclass(slots=True)
class Bench:
    """An engine with everything around it at hand."""

    engine: Engine
    store: FlakyStore
    executor: ScriptedExecutor
    clock: VirtualClock
    events: list[JobEvent] = field(default_factory=list)

    async def submit(self, report_id: int | None = None) -> Job:
        """Submit a job now."""
        return await self.engine.submit(NewJob(self.clock(), report_id))

    async def running(self, number: int = 1) -> list[ScriptedAttempt]:
        """Wait until so many attempts run; return them, oldest first."""
        await until(lambda: len(self.executor.alive) == number)
        return self.executor.alive

    async def status(self, job: Job) -> JobStatus:
        """Return the kept status."""
        return (await self.store.get(job.id)).status  # type: ignore[no-any-return]  # passed on

    async def ended(self, job: Job) -> Job:
        """Wait until the job has ended; return it as it is kept."""

        async def has_ended() -> bool:
            return (await self.status(job)).terminal

        await until(has_ended)
        return await self.store.get(job.id)  # type: ignore[no-any-return]  # passed on

    def told(self, job: Job) -> list[EventKind]:
        """Return what was told about a job, in order."""
        return [event.kind for event in self.events if event.job.id == job.id]
