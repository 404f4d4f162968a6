"""Process trees of attempts on this machine, told by the marker in their environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MARKER = b"WORKER_ATTEMPT_MARKER"
JOB = b"WORKER_JOB_ID"


def attempt_trees(mark: str | None = None) -> Mapping[str, str] | None:
    """Return the attempts alive here, by marker, with the job each belongs to.

    Args:
        mark: a `NAME=value` of their environment, to tell one worker's from another's; None takes
            all of this machine.

    None where the machine has no `/proc`, or the workers run elsewhere.
    """
    if not Path("/proc/self/environ").exists():
        return None
    name, _, value = mark.encode().partition(b"=") if mark else (None, b"", b"")
    found = (_environment(folder) for folder in Path("/proc").glob("[0-9]*"))
    return {
        environment[MARKER].decode(): environment.get(JOB, environment[MARKER]).decode()
        for environment in found
        if MARKER in environment and (name is None or environment.get(name) == value)
    }


def _environment(folder: Path) -> Mapping[bytes, bytes]:
    try:
        raw = (folder / "environ").read_bytes()
    except (FileNotFoundError, PermissionError, ProcessLookupError):
        return {}  # it has just ended, or belongs to somebody else
    pairs = (entry.partition(b"=") for entry in raw.split(b"\0"))
    return {name: value for name, _, value in pairs}
