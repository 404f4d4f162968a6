"""A probe as a server would hand it to an app: nothing re-encoded, only what a client must add."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from parity_harness.model.exchange import Headers, Probe

HOST = "localhost"
"""The Host of requests that do not say another; the same for both sides, so links agree."""

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def wire_headers(probe: Probe, host: str = HOST) -> Headers:
    """Return the probe's headers, with Host and Content-Length where it has neither."""
    names = {name.lower() for name, _ in probe.headers}
    headers = probe.headers
    if "host" not in names:
        headers = (("Host", host), *headers)
    if probe.body and not names & {"content-length", "transfer-encoding"}:
        headers = (*headers, ("Content-Length", str(len(probe.body))))
    return headers


def split_target(target: str) -> tuple[bytes, bytes]:
    """Return raw path and query; an absolute form loses its origin, as servers do."""
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    path, _, query = target.encode("latin-1").partition(b"?")
    return path, query


def decoded_path(raw: bytes) -> bytes:
    """Return a raw path with its percent escapes undone."""
    return unquote_to_bytes(raw) if b"%" in raw else raw


def sent_body(probe: Probe) -> bytes:
    """Return as much of the body as the probe's own Content-Length lets a server read."""
    for name, value in probe.headers:
        if name.lower() == "content-length" and value.isdigit():
            return probe.body[: int(value)]
    return probe.body


def has_no_body(method: str, status: int) -> bool:
    """Whether a body is dropped on the way to the client, whatever the app handed over."""
    return method == "HEAD" or status in (204, 304) or 100 <= status < 200


def phrase(status: int) -> str:
    """Return the standard reason phrase, empty for a status that has none."""
    return _PHRASES.get(status, "")
