"""Which process is which: told apart by start time and boot, found again by a marker.

Read from `/proc` (proc_pid_stat(5), proc_pid_environ(5)). Where there is none, no process has an
identity and none is found, so that a stranger is never taken for an attempt.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from worker_python.jobs.job import ProcessIdentity

MARKER_VARIABLE = "WORKER_ATTEMPT_MARKER"
PROC = Path("/proc")
DEAD_STATES = ("Z", "X")


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
    family = {pid for pid in _pids() if entry in _environment_of(pid)}
    family |= _below(family) - {os.getpid()} if family else set()
    return frozenset(found for pid in family if (found := identity_of(pid)) is not None)


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


def _environment_of(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


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
