"""A cutover as an operator has it: both workers, a plan file, and the commands of the runbook."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from cutover.cli import main
from rig import workers

FAKE_DEDUPER = workers.ROOT / "worker-python" / "tests" / "fixtures" / "fake_deduper"
FIRST_ID = 1_000_000
LIMIT_SECONDS = 60.0
POLL_SECONDS = 0.05


def environment(folder: Path) -> dict[str, str]:
    """Return what both workers and the commands are started with; the deduper is the fake one."""
    return {
        **workers.worker_environment(folder / "none.db", folder),
        "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
        "JOB_ID_START": str(FIRST_ID),
    }


@dataclass(frozen=True, slots=True)
class Operator:
    """Says commands in a folder that has a `cutover.toml`."""

    folder: Path
    environment: Mapping[str, str]

    def says(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self._line(program, *arguments),
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *arguments: str) -> str:
        """Run a verb of `cutover` that has to work, and return what it said."""
        done = self.says("cutover", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def keeps(self, program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command until the block is left; it is yielded once it has said its first line."""
        with subprocess.Popen(
            self._line(program, *arguments),
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline()
                yield process
            finally:
                process.terminate()

    def status(self) -> dict[str, Any]:
        """Return what `cutover status --json` says; in this process, for it is asked often."""
        plan, state = str(self.folder / "cutover.toml"), str(self.folder / "var" / "cutover")
        with redirect_stdout(StringIO()) as printed:
            assert main(["--plan", plan, "--state", state, "status", "--json"]) == 0
        said: dict[str, Any] = json.loads(printed.getvalue())
        return said

    def waits(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look at the status until it is so, and return it.

        Raises:
            TimeoutError: it was not so after a minute; the message carries the last status.
        """
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition(status := self.status()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {LIMIT_SECONDS:g} s in vain; the last status: {status}")
            time.sleep(POLL_SECONDS)
        return status

    def _line(self, program: str, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name(program)), *arguments]
