"""Taking down processes that are not our children: what a crash or a killed guard left behind.

They are held by pidfd from before their identity is checked until they are gone, so that a
signal can only reach the process that was meant, and their end is waited for, not polled.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from worker_python.execution.identity import is_alive
from worker_python.jobs.job import ProcessIdentity

GUARD_MARGIN_SECONDS = 1.0

Search = Callable[[], Collection[ProcessIdentity]]
"""Finds what is alive and has to go."""


def take_down(search: Search, *, grace_seconds: float) -> bool:
    """Send TERM to all that is found, and after the grace KILL, until nothing is found any more.

    Blocks for as long as that takes. Returns whether anything was alive.
    """
    found = search()
    if not found:
        return False
    end(found, signal.SIGTERM, limit_seconds=grace_seconds)
    while found := search():
        end(found, signal.SIGKILL, limit_seconds=None)
    return True


def take_down_guard(guard: ProcessIdentity, *, grace_seconds: float) -> bool:
    """Ask a guard to take down its tree, and kill it only where it has not managed to in time.

    Blocks for as long as that takes. Returns whether it was alive.
    """
    if not is_alive(guard):
        return False
    end([guard], signal.SIGTERM, limit_seconds=grace_seconds + GUARD_MARGIN_SECONDS)
    end([guard], signal.SIGKILL, limit_seconds=None)
    return True


def end(
    processes: Iterable[ProcessIdentity], number: signal.Signals, *, limit_seconds: float | None
) -> None:
    """Send a signal to each, and return when all are gone or the limit is over (None: no limit)."""
    with _held(processes) as descriptors:
        for descriptor in descriptors:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, number)
        _wait_for(descriptors, limit_seconds)


@contextmanager
def _held(processes: Iterable[ProcessIdentity]) -> Iterator[set[int]]:
    with ExitStack() as stack:
        descriptors = set()
        for process in processes:
            with suppress(ProcessLookupError):
                descriptor = os.pidfd_open(process.pid)
                stack.callback(os.close, descriptor)
                if is_alive(process):
                    descriptors.add(descriptor)
        yield descriptors


def _wait_for(descriptors: set[int], limit_seconds: float | None) -> None:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    deadline = None if limit_seconds is None else time.monotonic() + limit_seconds
    left = len(descriptors)
    while left and (gone := poll.poll(_milliseconds_until(deadline))):
        for descriptor, _ in gone:
            poll.unregister(descriptor)
        left -= len(gone)


def _milliseconds_until(deadline: float | None) -> int | None:
    return None if deadline is None else max(0, int((deadline - time.monotonic()) * 1000) + 1)
