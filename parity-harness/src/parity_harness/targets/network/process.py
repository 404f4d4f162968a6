"""Runs a target as a process of its own, and asks it over loopback."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import IO

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.network.http import HttpTarget
from parity_harness.targets.request import HOST
from parity_harness.targets.workspace import Workspace

PORT = "{port}"
"""In a command: the free port to listen on, also given as the variable PORT."""

_STARTUP_SECONDS = 30.0
_SHUTDOWN_SECONDS = 5.0
_POLL_SECONDS = 0.02
_LAST_BYTES = 8_000


class ProcessTarget:
    """A command that listens on the port it is given, in a process group of its own.

    A fresh state is a new process.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._seconds = seconds
        self._own_variables = dict(environment or {})
        self._variables: Mapping[str, str] = {}
        self._workspace = Workspace()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._http: HttpTarget | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the command with these variables set, and wait until it listens."""
        await self._end()
        self._workspace.renew()
        self._variables = environment
        port = _free_port()
        self._launch(port, self._workspace.expand_all({**self._own_variables, **environment}))
        await self._until_it_listens(port)
        self._http = HttpTarget(f"http://127.0.0.1:{port}", self._seconds, host=HOST)

    async def send(self, probe: Probe) -> Response:
        """Return the answer.

        Raises:
            TargetError: the process has ended; carries its output.
        """
        if not self._http:
            raise TargetError(f"{self.name} was not started")
        try:
            response = await self._http.send(probe)
        except TargetError as error:
            raise self._dead(str(error)) from error
        if response.failure and self._has_ended():
            raise self._dead(f"it ended while it answered {probe.method} {probe.target}")
        return response

    async def reset(self) -> None:
        """Start a new process."""
        await self.start(self._variables)

    def expand(self, text: str) -> str:
        """Return a text with `{tmp}` filled in."""
        return self._workspace.expand(text)

    async def close(self) -> None:
        """End the process, and whatever it started in its group."""
        await self._end()
        self._workspace.renew()

    def _launch(self, port: int, variables: Mapping[str, str]) -> None:
        command = [self._workspace.expand(word).replace(PORT, str(port)) for word in self._command]
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        try:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PORT": str(port), **variables},
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise TargetError(f"{self.name} cannot be started: {error}") from error

    async def _until_it_listens(self, port: int) -> None:
        deadline = time.monotonic() + _STARTUP_SECONDS
        while not _listens(port):
            if self._has_ended():
                raise self._dead("it ended before it listened")
            if time.monotonic() > deadline:
                raise self._dead(f"it did not listen on port {port} within {_STARTUP_SECONDS:g} s")
            await asyncio.sleep(_POLL_SECONDS)

    def _has_ended(self) -> bool:
        if not self._process:
            return True
        try:
            return self._process.wait(timeout=_POLL_SECONDS) is not None
        except subprocess.TimeoutExpired:
            return False

    def _dead(self, why: str) -> TargetError:
        return TargetError(f"{self.name} cannot run: {why}", output=self._last_output())

    def _last_output(self) -> str:
        if not self._output:
            return ""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - _LAST_BYTES))
        return self._output.read().decode(errors="replace")

    async def _end(self) -> None:
        if self._http:
            await self._http.close()
            self._http = None
        if self._process:
            await asyncio.to_thread(_end_group, self._process)
            self._process = None
        if self._output:
            self._output.close()
            self._output = None


def command_words(command: str) -> tuple[str, ...]:
    """Split a `cmd:` target as a shell would; nothing is expanded."""
    return tuple(shlex.split(command))


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, ending)
        except ProcessLookupError:
            break
        try:
            process.wait(_SHUTDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
