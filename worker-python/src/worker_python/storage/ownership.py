"""Who may run the jobs of a database: one service at a time, by a lock that dies with it.

Two services on one file would each take the other's running jobs for the leavings of a crash.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from worker_python.jobs.errors import StoreUnavailableError

_LOOK_EVERY_SECONDS = 0.02


class Ownership:
    """An exclusive lock beside the database; the kernel drops it when the process ends."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file = database.with_name(f"{database.name}.owner")
        self._descriptor: int | None = None

    def acquire(self, *, within_seconds: float) -> None:
        """Become the owner, waiting for one that is just leaving. Blocks: not for the event loop.

        Raises:
            StoreUnavailableError: another process owns the database, or the lock cannot be made.
        """
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreUnavailableError(
                f"the job database {self._database} is unavailable: "
                f"its lock cannot be made ({error}); check the rights of the folder"
            ) from error
        try:
            self._wait(descriptor, time.monotonic() + within_seconds)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next service in."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _wait(self, descriptor: int, deadline: float) -> None:
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
                raise StoreUnavailableError(
                    f"the job database {self._database} belongs to another running service "
                    f"(pid {owner}): stop that one, or name another file"
                )
            time.sleep(_LOOK_EVERY_SECONDS)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
