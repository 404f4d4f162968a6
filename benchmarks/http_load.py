"""Puts as many requests to a server as a few connections can: sockets and one epoll, no more.

An answer costs this about 15 µs, a tenth of what it costs the servers: `Rate.load_microseconds`
says how much it was, so that nobody has to believe it.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from servers import Server

CLIENTS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a server did under load; the microseconds are of processor time, for each answer."""

    per_second: float
    cpu_microseconds: float
    load_microseconds: float
    p99_ms: float


def in_turn(
    servers: Mapping[str, Server], path: str, *, seconds: float, rounds: int
) -> Mapping[str, Rate]:
    """Load the servers in turn, round by round, and return the medians of each."""
    found: dict[str, list[Rate]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(load(server, path, seconds=seconds))
    return {name: _median(rates) for name, rates in found.items()}


def load(server: Server, path: str, *, seconds: float, clients: int = CLIENTS) -> Rate:
    """Return the rate of GETs that `clients` connections get out of the server.

    Raises:
        SystemExit: an answer that is none of success.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode()
    theirs, ours, began = server.cpu_seconds, time.process_time(), time.perf_counter()
    times = _Load(server.port, request, clients).run(began + seconds)
    elapsed = time.perf_counter() - began
    return Rate(
        per_second=len(times) / elapsed,
        cpu_microseconds=(server.cpu_seconds - theirs) / len(times) * 1e6,
        load_microseconds=(time.process_time() - ours) / len(times) * 1e6,
        p99_ms=sorted(times)[len(times) * 99 // 100] * 1e3,
    )


@dataclass(slots=True)
class _Connection:
    """A socket with a request on its way."""

    socket: socket.socket
    began: float
    received: bytes = b""


@dataclass(slots=True)
class _Load:
    port: int
    request: bytes
    clients: int
    connections: dict[int, _Connection] = field(default_factory=dict)

    def run(self, until: float) -> list[float]:
        """Return how long each answer took, in seconds."""
        times: list[float] = []
        with select.epoll() as poll:
            for _ in range(self.clients):
                self._connect(poll)
            while time.perf_counter() < until:
                for descriptor, _ in poll.poll(1.0):
                    times += self._read(poll, self.connections[descriptor])
        for connection in self.connections.values():
            connection.socket.close()
        return times

    def _connect(self, poll: select.epoll) -> None:
        began = time.perf_counter()
        opened = socket.create_connection(("127.0.0.1", self.port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections[opened.fileno()] = _Connection(opened, began)
        poll.register(opened.fileno(), select.EPOLLIN)
        opened.sendall(self.request)

    def _read(self, poll: select.epoll, connection: _Connection) -> Sequence[float]:
        """Return the time of an answer that is whole now, and ask again."""
        connection.received += connection.socket.recv(65536)
        whole, stays_open = _whole(connection.received)
        if not whole:
            return ()
        now = time.perf_counter()
        took = now - connection.began
        if stays_open:
            connection.began, connection.received = now, b""
            connection.socket.sendall(self.request)
        else:
            del self.connections[connection.socket.fileno()]
            connection.socket.close()  # epoll forgets it by itself
            self._connect(poll)
        return (took,)


def _whole(received: bytes) -> tuple[bool, bool]:
    """Say whether this is a whole answer, and whether its connection stays open."""
    end = received.find(b"\r\n\r\n")
    length = _LENGTH.search(received, 0, end + 2) if end > 0 else None
    if length is None:
        if end > 0 or not received:
            raise SystemExit(f"no answer that can be counted: {received!r}")
        return False, True
    if received[9:10] != b"2":
        raise SystemExit(f"an answer that is no success: {received[:400]!r}")
    if len(received) < end + 4 + int(length[1]):
        return False, True
    return True, received.startswith(b"HTTP/1.1") and not _CLOSES.search(received, 0, end + 2)


def _median(rates: Sequence[Rate]) -> Rate:
    return Rate(
        per_second=median(rate.per_second for rate in rates),
        cpu_microseconds=median(rate.cpu_microseconds for rate in rates),
        load_microseconds=median(rate.load_microseconds for rate in rates),
        p99_ms=median(rate.p99_ms for rate in rates),
    )
