"""Which process is which: told apart by start time and boot, found again by a marker.

Read from `/proc` (proc_pid_stat(5), proc_pid_environ(5)). Where there is none, no process has an
identity and none is found, so that a stranger is never taken for an attempt.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from worker_python.jobs.job import ProcessIdentity

MARKER_VARIABLE = "WORKER_ATTEMPT_MARKER"
PROC = Path("/proc")
DEAD_STATES = ("Z", "X")
KTHREADD = 2
"""The parent of the kernel's own threads, which have no environment."""
LOOKS_DURING_EXEC = 100


def identity_of(pid: int) -> ProcessIdentity | None:
    """Return who has this pid now; None where nobody has, or only a zombie."""
    stat = _stat_of(pid)
    if stat is None or stat.state in DEAD_STATES:
        return None
    return ProcessIdentity(pid=pid, start_time=stat.start_time, boot_id=boot_id())


def is_alive(process: ProcessIdentity) -> bool:
    """Say whether exactly this process still runs; another one with its pid does not count."""
    return identity_of(process.pid) == process


def marked(marker: str) -> frozenset[ProcessIdentity]:
    """Find the living processes started with this marker in their environment, and all below them.

    Only processes whose environment this user may read can be found.
    """
    if not marker:
        return frozenset()
    entry = f"{MARKER_VARIABLE}={marker}".encode()
    while family := _with(entry):
        pids = family | (_below(family) - {os.getpid()})
        if alive := frozenset(found for pid in pids if (found := identity_of(pid)) is not None):
            return alive
        # All of them have just ended, and may have forked before they did.
    return frozenset()


@cache
def boot_id() -> str:
    """Return the id of this boot of the machine; empty where the system has none."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except FileNotFoundError:
        return ""


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    parent: int
    start_time: int


def _stat_of(pid: int) -> _Stat | None:
    try:
        content = (PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the name in parentheses, and may itself hold spaces and parentheses.
    fields = content[content.rindex(b")") + 2 :].split()
    return _Stat(state=fields[0].decode(), parent=int(fields[1]), start_time=int(fields[19]))


def _with(entry: bytes) -> set[int]:
    family: set[int] = set()
    seen: set[int] = set()
    while unseen := set(_pids()) - seen:  # again, for whoever was forked while we looked
        family |= {pid for pid in unseen if entry in _environment_of(pid)}
        seen |= unseen
    return family


def _environment_of(pid: int) -> list[bytes]:
    environ = PROC / str(pid) / "environ"
    try:
        for _ in range(LOOKS_DURING_EXEC):
            content = environ.read_bytes()
            if not content and _is_between_programs(pid):
                time.sleep(0.001)
                continue
            return (content or environ.read_bytes()).split(b"\0")  # it may have just arrived
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return []


def _is_between_programs(pid: int) -> bool:
    """Whether it is within execve(2): alive, but without arguments and environment as yet."""
    if (PROC / str(pid) / "cmdline").read_bytes():
        return False
    stat = _stat_of(pid)
    kernels_own = pid == KTHREADD or (stat is not None and stat.parent == KTHREADD)
    return stat is not None and stat.state not in DEAD_STATES and not kernels_own


def _below(family: set[int]) -> set[int]:
    parents = {pid: stat.parent for pid in _pids() if (stat := _stat_of(pid)) is not None}
    found: set[int] = set()
    wave = family
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave} - found
        found |= wave
    return found


def _pids() -> Iterator[int]:
    if PROC.is_dir():
        yield from (int(path.name) for path in PROC.iterdir() if path.name.isdigit())
