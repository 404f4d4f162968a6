from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe
from parity_harness.targets.network.http import HttpTarget

HELLO = Probe("GET", "/")
Serve = Callable[..., Awaitable[HttpTarget]]


class Served:
    """A server that says exactly these bytes, one answer a request, and keeps what it heard."""

    def __init__(self, answers: list[bytes], *, closes: bool) -> None:
        self.answers = answers
        self.closes = closes
        self.heard: list[bytes] = []
        self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heard.append(head)
                writer.write(self.answers.pop(0))
                await writer.drain()
                if self.closes:
                    break
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[asyncio.Server] = []
    targets: list[HttpTarget] = []

    async def begin(served: Served, seconds: float = 5, host: str | None = None) -> HttpTarget:
        server = await asyncio.start_server(served.talk, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        target = HttpTarget(f"http://127.0.0.1:{port}/", seconds, host=host)
        await target.start({})
        targets.append(target)
        return target

    yield begin
    for target in targets:
        await target.close()
    for server in servers:
        server.close()
        await server.wait_closed()


async def test_a_request_goes_out_byte_for_byte(serve: Serve) -> None:
    served = Served([b"HTTP/1.1 204 No Content\r\n\r\n"], closes=False)
    target = await serve(served, host="app.example")
    await target.send(Probe("PURGE", "//a/%zz?x=\xff", (("X-A", "1"), ("x-a", "2"))))

    assert served.heard == [
        b"PURGE //a/%zz?x=\xff HTTP/1.1\r\nHost: app.example\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    ]


@pytest.mark.parametrize(
    ("raw", "body", "chunks"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour", b"four", (4,)),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3;x=y\r\none\r\n4\r\nfour\r\n0\r\nX-Trailer: 1\r\n\r\n"
            ),
            b"onefour",
            (3, 4),
        ),
        (
            (
                b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            ),
            b"ok",
            (2,),
        ),
    ],
)
async def test_bodies_are_read_as_they_were_sent(
    serve: Serve, raw: bytes, body: bytes, chunks: tuple[int, ...]
) -> None:
    served = Served([raw, raw], closes=False)
    target = await serve(served)
    first, second = await target.send(HELLO), await target.send(HELLO)

    assert (first.status, first.body, first.chunks, first.complete) == (200, body, chunks, True)
    assert second.body == body
    assert served.connections == 1


async def test_an_answer_that_ends_with_its_connection_is_whole(serve: Serve) -> None:
    target = await serve(Served([b"HTTP/1.0 200 OK\r\n\r\nall of it"], closes=True))
    answer = await target.send(HELLO)

    assert (answer.body, answer.complete) == (b"all of it", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfour",
    ],
)
async def test_an_early_end_is_seen(serve: Serve, raw: bytes) -> None:
    target = await serve(Served([raw], closes=True))
    answer = await target.send(HELLO)

    assert (answer.status, answer.body, answer.complete) == (200, b"four", False)


@pytest.mark.parametrize(
    ("raw", "failure"),
    [
        (b"", "connection closed without an answer"),
        (b"SSH-2.0-x\r\n\r\n", "malformed answer: no HTTP/1.1 status line: 'SSH-2.0-x'"),
        (b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "malformed answer: header line without a colon"),
    ],
)
async def test_what_is_no_answer_is_a_failure(serve: Serve, raw: bytes, failure: str) -> None:
    target = await serve(Served([raw], closes=True))
    answer = await target.send(HELLO)

    assert answer.status == 0
    assert answer.failure is not None
    assert answer.failure.startswith(failure)


async def test_a_connection_that_was_closed_between_two_requests_is_opened_anew(
    serve: Serve,
) -> None:
    served = Served([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"] * 2, closes=True)
    target = await serve(served)
    answers = [(await target.send(HELLO)).body for _ in range(2)]

    assert answers == [b"1", b"1"]
    assert served.connections == 2


async def test_a_server_that_does_not_answer_is_given_up(serve: Serve) -> None:
    target = await serve(Served([b"HTTP/1.1 200", b""], closes=False), seconds=0.1)

    assert (await target.send(HELLO)).failure == "no complete answer within 0.1 s"


async def test_a_body_beyond_memory_is_not_read(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nbegun"
    target = await serve(Served([head], closes=False))

    assert (await target.send(HELLO)).failure == "no complete answer within 256 MiB"


async def test_a_chunked_request_has_its_body_in_one_chunk(serve: Serve) -> None:
    served = Served([b"HTTP/1.1 204 No Content\r\n\r\n"], closes=False)
    target = await serve(served)
    await target.send(Probe("POST", "/", (("Transfer-Encoding", "chunked"),), b"hello"))

    assert b"Content-Length" not in served.heard[0]


async def test_nobody_there_cannot_run(unused_tcp_port: int) -> None:
    target = HttpTarget(f"http://127.0.0.1:{unused_tcp_port}", 1)

    with pytest.raises(TargetError, match="nothing answers at"):
        await target.start({})


async def test_a_running_server_has_its_own_environment() -> None:
    with pytest.raises(TargetError, match="DATABASE cannot be set for it; use cmd:"):
        await HttpTarget("http://127.0.0.1:1", 1).start({"DATABASE": "x"})
