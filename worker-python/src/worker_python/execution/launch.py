"""The start of an attempt: what is checked before it, and the guard with its four pipes."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from worker_python.execution import guard
from worker_python.execution.identity import MARKER_VARIABLE
from worker_python.jobs.attempt import Command
from worker_python.jobs.ports import AttemptNotStartedError

_32_BITS = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Launched:
    """A guard that was started, and our ends of its pipes.

    `lifeline` is written to, or closed, to ask for the end; the others are read.
    """

    guard: subprocess.Popen[bytes]
    lifeline: int
    report: int
    stdout: int
    stderr: int


def check(command: Command) -> None:
    """Raise `AttemptNotStartedError`, naming the path, where the command cannot be started."""
    try:
        _check_directory(command.working_directory)
        _check_executable(command)
    except OSError as error:
        raise AttemptNotStartedError(f"the command cannot be looked at: {error}") from error


def launch(command: Command, *, marker: str, interpreter: Path, grace_seconds: float) -> Launched:
    """Start a guard that starts the command. Blocks for one `vfork` and `exec`, about 1 ms.

    To be called on a thread that lives as long as the service: the kernel takes the end of the
    thread for the end of the parent (PR_SET_PDEATHSIG, prctl(2)).

    Raises:
        OSError: no process or descriptor can be had.
        ValueError: an argument or a variable holds a null byte.
    """
    with ExitStack() as theirs, ExitStack() as ours:
        lifeline = _pipe(reader=theirs, writer=ours)
        report = _pipe(reader=ours, writer=theirs)
        stdout = _pipe(reader=ours, writer=theirs)
        stderr = _pipe(reader=ours, writer=theirs)
        script = [str(interpreter), "-I", "-S", str(_guard_script(interpreter))]
        process = subprocess.Popen(
            [*script, str(report[1]), str(os.getpid()), str(grace_seconds), *command.argv],
            stdin=lifeline[0],
            stdout=stdout[1],
            stderr=stderr[1],
            pass_fds=(report[1],),
            env={**command.environment, MARKER_VARIABLE: marker},
            cwd=command.working_directory,
            start_new_session=True,
        )
        ours.pop_all()
    return Launched(process, lifeline[1], report[0], stdout[0], stderr[0])


def _check_directory(directory: Path | None) -> None:
    if directory is not None and not directory.is_dir():
        raise AttemptNotStartedError(f"the working directory {directory} does not exist")


def _check_executable(command: Command) -> None:
    if not command.argv:
        raise AttemptNotStartedError("the command is empty")
    name = command.argv[0]
    if os.sep not in name:
        if shutil.which(name, path=command.environment.get("PATH", os.defpath)) is None:
            raise AttemptNotStartedError(f"{name} is not on the command's PATH")
        return
    path = (command.working_directory or Path()) / name
    if not path.exists():
        raise AttemptNotStartedError(f"{path} does not exist")
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise AttemptNotStartedError(f"{path} is not an executable file")


def _pipe(*, reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    reader.callback(os.close, ends[0])
    writer.callback(os.close, ends[1])
    return ends


def _guard_script(interpreter: Path) -> Path:
    # What our own import has compiled spares each start 3 ms; another interpreter cannot read it.
    source, compiled = Path(guard.__file__), guard.__spec__.cached
    if compiled and interpreter == Path(sys.executable) and _is_current(Path(compiled), source):
        return Path(compiled)
    return source


def _is_current(compiled: Path, source: Path) -> bool:
    """Whether it was made of this source (PEP 552); where nothing may be written, it may be old."""
    try:
        with compiled.open("rb") as file:
            flags, changed, size = struct.unpack("<4xIII", file.read(16))
    except (OSError, struct.error):
        return False
    stat = source.stat()
    return (flags, changed, size) == (0, int(stat.st_mtime) & _32_BITS, stat.st_size & _32_BITS)
