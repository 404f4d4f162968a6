"""One running execution, as the event loop sees it."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from worker_python.execution.identity import identity_of
from worker_python.execution.launch import Launched
from worker_python.execution.watch import Followed, Limits, abandon, follow
from worker_python.jobs.attempt import Command, Ending, Outcome
from worker_python.jobs.job import ProcessIdentity
from worker_python.jobs.ports import AttemptNotStartedError


class GuardedAttempt:
    """A command and all of its descendants, under a guard.

    Belongs to the event loop it was made on. A thread follows the guard; what it hears is decided
    upon here, one callback after the other, so that exit, stop and timeout have an order.
    """

    def __init__(self, launched: Launched, command: Command) -> None:
        self._launched = launched
        self._command = command
        self._begun = time.monotonic()
        self._ending: Ending | None = None
        self._exit_code: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[int] = self._loop.create_future()
        self._outcome: asyncio.Future[Outcome] = self._loop.create_future()
        pid = launched.guard.pid
        self._process = identity_of(pid) or ProcessIdentity(pid=pid, start_time=0, boot_id="")

    @property
    def process(self) -> ProcessIdentity:
        """The guard's identity: it lives exactly as long as anything of the attempt does."""
        return self._process

    def follow(self, *, marker: str, limits: Limits) -> None:
        """Begin to follow the guard; to be called once."""

        def work() -> None:
            try:
                followed = follow(
                    self._launched,
                    marker=marker,
                    output=self._command.output,
                    limits=limits,
                    tell=lambda word, number: self._post(partial(self._hear, word, number)),
                )
            except Exception as error:  # noqa: BLE001 - becomes the outcome
                abandon(self._launched, marker=marker, grace_seconds=limits.grace_seconds)
                self._post(partial(self._give_up, error))
            else:
                self._post(partial(self._finish, followed))

        # A daemon: a service that exits without stopping its attempts must not wait for them.
        threading.Thread(target=work, name=f"attempt-{self._process.pid}", daemon=True).start()

    async def started(self) -> int:
        """Return the command's pid once it runs; raises `AttemptNotStartedError` if it never will.

        A caller that is cancelled meanwhile leaves nothing running: that is waited for.
        """
        try:
            return await self._started
        except asyncio.CancelledError:
            self.stop(Ending.SHUT_DOWN)
            await self.wait()
            raise

    def stop(self, ending: Ending) -> None:
        """Ask for the end (TERM, grace, KILL, to every descendant); the first reason wins."""
        if self._ending is None:
            self._ending = ending
            with suppress(BrokenPipeError):  # the guard is gone already
                os.write(self._launched.lifeline, b".")

    async def wait(self) -> Outcome:
        """Return when the last descendant has gone. May be awaited by several."""
        return await asyncio.shield(self._outcome)

    def _post(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(callback)

    def _hear(self, word: str, number: int) -> None:
        if word == "started":
            self._note_start(number)
        elif word == "exited":
            self._note_exit(number)
        else:
            self._refuse(f"{self._command.argv[0]}: {os.strerror(number)}")

    def _note_start(self, pid: int) -> None:
        if not self._started.done():
            self._started.set_result(pid)
        limit = self._command.timeout_seconds
        if limit is not None:
            self._timer = self._loop.call_later(limit, self.stop, Ending.TIMED_OUT)

    def _note_exit(self, exit_code: int) -> None:
        self._exit_code = exit_code
        if self._ending is None:
            self._ending = Ending.EXITED

    def _refuse(self, reason: str) -> None:
        if not self._started.done():
            self._started.set_exception(AttemptNotStartedError(reason))

    def _give_up(self, error: Exception) -> None:
        reason = f"the guard cannot be followed: {error}"
        self._release()
        self._refuse(reason)
        self._ending = self._ending or Ending.LOST
        self._outcome.set_result(Outcome(self._ending, error=reason))

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        os.close(self._launched.lifeline)

    def _finish(self, followed: Followed) -> None:
        self._release()
        self._refuse(f"the guard ended before the command began: {followed.stderr.strip()}")
        self._ending = self._ending or Ending.LOST
        self._outcome.set_result(
            Outcome(
                ending=self._ending,
                exit_code=self._exit_code,
                stdout=followed.stdout,
                stderr=followed.stderr,
                error=self._error(followed),
                seconds=time.monotonic() - self._begun,
            )
        )

    def _error(self, followed: Followed) -> str | None:
        if self._ending is Ending.TIMED_OUT:
            return f"timed out after {self._command.timeout_seconds:g} seconds"
        if self._ending is Ending.LOST:
            return f"its guard was killed ({followed.guard_code}); what it left was taken down"
        return None
