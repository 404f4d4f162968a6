"""Server processes of ours, what they use of the machine, and single requests to them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

START_SECONDS = 30.0
_CPUCLOCK_SCHED = 2
FLASK_APP = "worker_python_flask.app:create_app"
WORKER = (str(Path(sys.executable).with_name("worker-python")), "serve", "--port", "{port}")
FLASK = (
    *(sys.executable, "-m", "flask", "--app", FLASK_APP),
    *("run", "--port", "{port}", "--with-threads"),
)
WAITRESS = (
    *(sys.executable, "-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=16"),
    *("--call", FLASK_APP),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server process of ours on a loopback port."""

    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time the server has used so far, its own only, threads that ended included."""
        clock = ~self.pid << 3 | _CPUCLOCK_SCHED  # as clock_getcpuclockid(3) makes it
        return time.clock_gettime(clock)

    @property
    def memory_mib(self) -> float:
        """Its resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def ask(self, path: str, method: str = "GET") -> bytes:
        """Return the body of one answer, whatever its status."""
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request(method, path)
            return connection.getresponse().read()


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    """Run a server whose command has `{port}` where its port goes; stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [part.format(port=port) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_open(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def uvicorn(app: str) -> Sequence[str]:
    """Return the command of an ASGI application under uvicorn."""
    return (
        *(sys.executable, "-m", "uvicorn", app, "--port", "{port}"),
        *("--no-access-log", "--log-level", "warning"),
    )


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"a server did not start: {process.args!r}")
