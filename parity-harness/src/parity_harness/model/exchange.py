"""One request, its answer, and what the request did besides."""

from __future__ import annotations

from dataclasses import dataclass, field

Headers = tuple[tuple[str, str], ...]
"""Header fields in wire order, repeated ones kept, names as sent, values latin-1."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request.

    `target` is the raw request target (path and query) exactly as it goes on the wire, latin-1
    decodable; nothing re-encodes it. `route` is the canonical template it was made for
    (`/jobs/{job_id}`), None for requests outside any route. `purpose` is a short stable phrase.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    route: str | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, as it came.

    `chunks` are the sizes of the body's pieces as the app handed them over. `complete` is False
    where the body ended before its Content-Length or its generator raised. `failure` holds what
    the app raised instead of answering (or a reset connection); then `status` is 0.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    reason: str = ""
    chunks: tuple[int, ...] = ()
    complete: bool = True
    seconds: float = 0.0
    failure: str | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, by case-insensitive name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def header_values(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeated header, in wire order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something a request did besides answering: a child process, a changed row.

    `facts` is JSON-shaped, so that it is compared like a body.
    """

    kind: str
    facts: object


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer and effects, on one side."""

    probe: Probe
    response: Response
    effects: tuple[Effect, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Evidence:
    """The two exchanges that a divergence was seen in."""

    baseline: Exchange
    candidate: Exchange
