"""HTTP/1.1 as bytes: requests written unchanged, answers read with their chunks and flaws."""

from __future__ import annotations

import asyncio

from parity_harness.model.exchange import Probe, Response
from parity_harness.targets.answer import MOST_BYTES, Answer, EndlessError
from parity_harness.targets.request import has_no_body, wire_headers

_LINE_LIMIT = 1 << 20


class NoAnswerError(Exception):
    """The connection ended before an answer began."""


class Connection:
    """One keep-alive connection; asked again only while `is_reusable`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.is_reusable = True
        self.is_fresh = True

    @classmethod
    async def open(cls, host: str, port: int, *, tls: bool = False) -> Connection:
        """Connect.

        Raises:
            OSError: nobody listens there.
        """
        return cls(*await asyncio.open_connection(host, port, ssl=tls or None, limit=_LINE_LIMIT))

    async def ask(self, probe: Probe, host: str) -> Response:
        """Send a request, read its answer.

        Raises:
            NoAnswerError: the server closed the connection instead.
            ValueError: what came is not HTTP/1.1.
            EndlessError: the body is longer than any that is compared.
        """
        answer = Answer(probe)
        try:
            self._writer.write(request_bytes(probe, host))
            await self._read(probe.method, answer)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.is_reusable = False
            if not answer.status:
                raise NoAnswerError(str(error)) from error
            answer.fail("the connection was closed before the end of the body")
        self.is_fresh = False
        answer.finish()
        return answer.response()

    def close(self) -> None:
        """Hang up."""
        self.is_reusable = False
        self._writer.transport.abort()

    async def _read(self, method: str, answer: Answer) -> None:
        while True:
            version, status, reason = _status_line(await self._line())
            headers = await self._headers()
            if status >= 200 or status == 101:
                break  # the ones before were interim answers
        answer.start(status, reason, headers)
        fields = {name.lower(): value for name, value in headers}
        tokens = fields.get("connection", "").lower()
        self.is_reusable = "close" not in tokens and version == "HTTP/1.1"
        if not has_no_body(method, status):
            await self._body(fields, answer)

    async def _headers(self) -> tuple[tuple[str, str], ...]:
        headers = []
        while line := await self._line():
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError(f"header line without a colon: {line!r}")
            headers.append((name, value.strip(" \t")))
        return tuple(headers)

    async def _body(self, fields: dict[str, str], answer: Answer) -> None:
        if "chunked" in fields.get("transfer-encoding", "").lower():
            await self._chunks(answer)
        elif "content-length" in fields:
            await self._piece(int(fields["content-length"]), answer)
        else:
            self.is_reusable = False
            while piece := await self._reader.read(1 << 16):
                answer.add(piece)

    async def _chunks(self, answer: Answer) -> None:
        while size := int((await self._line()).partition(";")[0], 16):
            await self._piece(size, answer)
            await self._line()
        await self._headers()  # trailers

    async def _piece(self, size: int, answer: Answer) -> None:
        if size > MOST_BYTES:
            raise EndlessError
        try:
            answer.add(await self._reader.readexactly(size))
        except asyncio.IncompleteReadError as error:
            answer.add(error.partial)
            raise

    async def _line(self) -> str:
        return (await self._reader.readuntil(b"\n")).rstrip(b"\r\n").decode("latin-1")


def request_bytes(probe: Probe, host: str) -> bytes:
    """Return a request as it goes on the wire; a chunked one has its body in one chunk."""
    headers = wire_headers(probe, host)
    lines = [f"{probe.method} {probe.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    is_chunked = any(
        name.lower() == "transfer-encoding" and "chunked" in value.lower()
        for name, value in headers
    )
    return head + (_one_chunk(probe.body) if is_chunked else probe.body)


def _one_chunk(body: bytes) -> bytes:
    return (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


def _status_line(line: str) -> tuple[str, int, str]:
    version, _, rest = line.partition(" ")
    status, _, reason = rest.partition(" ")
    if not version.startswith("HTTP/1.") or not status.isdigit():
        raise ValueError(f"no HTTP/1.1 status line: {line[:80]!r}")
    return version, int(status), reason
