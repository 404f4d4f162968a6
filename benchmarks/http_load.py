"""Starts servers, and puts as many requests to them as a few connections can."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = 16
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server process of ours on a loopback port."""

    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time the server has used so far, its own only."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_mib(self) -> float:
        """Its resident memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True, slots=True)
class Rate:
    """What a server did under load."""

    per_second: float
    cpu_microseconds: float
    median_ms: float
    p99_ms: float


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


def load(server: Server, path: str, *, seconds: float, clients: int = CLIENTS) -> Rate:
    """Return the rate of GETs that `clients` connections get out of the server."""
    before = server.cpu_seconds
    times, elapsed = asyncio.run(_load(server.port, path, seconds, clients))
    times.sort()
    return Rate(
        per_second=len(times) / elapsed,
        cpu_microseconds=(server.cpu_seconds - before) / len(times) * 1e6,
        median_ms=times[len(times) // 2] * 1e3,
        p99_ms=times[len(times) * 99 // 100] * 1e3,
    )


def uvicorn(app: str) -> list[str]:
    """Return the command of an ASGI application under uvicorn."""
    return [
        *(sys.executable, "-m", "uvicorn", app, "--port", "{port}"),
        *("--no-access-log", "--log-level", "warning"),
    ]


def get(server: Server, path: str) -> bytes:
    """Return the body of one answer."""
    return asyncio.run(_get(server.port, path))


async def _get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    writer.write(_request(path))
    body, _ = await _answer(reader)
    writer.close()
    return body


async def _load(port: int, path: str, seconds: float, clients: int) -> tuple[list[float], float]:
    started = time.perf_counter()
    until = started + seconds
    times = await asyncio.gather(*(_client(port, path, until) for _ in range(clients)))
    elapsed = time.perf_counter() - started
    return [one for client in times for one in client], elapsed


async def _client(port: int, path: str, until: float) -> list[float]:
    times: list[float] = []
    request = _request(path)
    reader = writer = None
    while time.perf_counter() < until:
        started = time.perf_counter()
        if reader is None or writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        _, stays_open = await _answer(reader)
        times.append(time.perf_counter() - started)
        if not stays_open:
            writer.close()
            reader = writer = None
    if writer is not None:
        writer.close()
    return times


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """Read one answer; say whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, rest = head.partition(b"content-length:")
    body = await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    return body, b"connection: close" not in head and head.startswith(b"http/1.1")


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
