"""Puts as many requests to a server as a few connections can: sockets and one epoll, no more.

It has to be cheaper than the servers, or it would be what is measured: `Load.own_microseconds`
says how cheap it was.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from operator import add

from servers import Server

CLIENTS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did under load, and what it and this module used of the processor."""

    answers: int
    seconds: float
    cpu_seconds: float
    own_cpu_seconds: float

    def __add__(self, other: Load) -> Load:
        return Load(*map(add, astuple(self), astuple(other)))

    @property
    def per_second(self) -> float:
        """Answers a second, as far as the neighbours let it run."""
        return self.answers / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """Processor time that an answer took the server, whoever else was busy."""
        return self.cpu_seconds / self.answers * 1e6

    @property
    def own_microseconds(self) -> float:
        """Processor time that it took to ask for an answer."""
        return self.own_cpu_seconds / self.answers * 1e6


def in_turn(
    servers: Mapping[str, Server], path: str, *, seconds: float, rounds: int
) -> dict[str, Load]:
    """Load the servers in turn, round by round; return what each did in its quietest rounds.

    A neighbour who fills the caches makes every answer dearer, by a fifth at times. So the quarter
    of the rounds counts in which an answer took the least processor time.
    """
    found: dict[str, list[Load]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(load(server, path, seconds=seconds))
    return {name: _quietest(loads) for name, loads in found.items()}


def load(server: Server, path: str, *, seconds: float, clients: int = CLIENTS) -> Load:
    """Put GETs to the server, over so many connections at once.

    Raises:
        SystemExit: an answer that is none of success.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode()
    theirs, ours, began = server.cpu_seconds, time.process_time(), time.perf_counter()
    answers = _Clients(server.port, request, clients).run(began + seconds)
    return Load(
        answers=answers,
        seconds=time.perf_counter() - began,
        cpu_seconds=server.cpu_seconds - theirs,
        own_cpu_seconds=time.process_time() - ours,
    )


@dataclass(slots=True)
class _Connection:
    """A socket with a request on its way."""

    socket: socket.socket
    received: bytes = b""


@dataclass(slots=True)
class _Clients:
    port: int
    request: bytes
    number: int
    connections: dict[int, _Connection] = field(default_factory=dict)

    def run(self, until: float) -> int:
        """Return how many answers came."""
        answers = 0
        with select.epoll() as poll:
            for _ in range(self.number):
                self._connect(poll)
            while time.perf_counter() < until:
                for descriptor, _ in poll.poll(1.0):
                    answers += self._read(poll, self.connections[descriptor])
        for connection in self.connections.values():
            connection.socket.close()
        return answers

    def _connect(self, poll: select.epoll) -> None:
        opened = socket.create_connection(("127.0.0.1", self.port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections[opened.fileno()] = _Connection(opened)
        poll.register(opened.fileno(), select.EPOLLIN)
        opened.sendall(self.request)

    def _read(self, poll: select.epoll, connection: _Connection) -> bool:
        """Say whether an answer is whole now, and ask again where it is."""
        connection.received += connection.socket.recv(65536)
        whole, stays_open = _whole(connection.received)
        if not whole:
            return False
        if stays_open:
            connection.received = b""
            connection.socket.sendall(self.request)
        else:
            del self.connections[connection.socket.fileno()]
            connection.socket.close()  # epoll forgets it by itself
            self._connect(poll)
        return True


def _quietest(loads: list[Load]) -> Load:
    answered = [one for one in loads if one.answers]  # in a bad second a worker may answer nothing
    if not answered:
        raise RuntimeError("a server answered nothing in all of its turns")
    answered.sort(key=lambda one: one.cpu_microseconds)
    first, *others = answered[: -(-len(answered) // 4)]
    return sum(others, first)


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
