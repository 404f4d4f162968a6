"""Headers that any handler or middleware may answer to: Accept, conditions, ranges, CORS."""

from __future__ import annotations

from dataclasses import replace

from parity_harness.discovery.probes.ranks import LATER, ODD, USUAL, Case, Ranked

ORIGIN = "https://app.example.org"

ACCEPTING: tuple[tuple[int, str, str], ...] = (
    (LATER, "Accept", "text/html"),
    (LATER, "Accept", "application/json"),
    (ODD, "Accept", "application/xml"),
    (ODD, "Accept", "text/csv, application/json;q=0.5"),
    (ODD, "Accept-Language", "de-DE, de;q=0.9"),
    (LATER, "Accept-Encoding", "gzip"),
    (ODD, "Accept-Encoding", "br, gzip;q=0"),
)

CONDITIONS: tuple[tuple[int, str, str], ...] = (
    (LATER, "If-None-Match", "*"),
    (ODD, "If-None-Match", '"parity"'),
    (ODD, "If-Match", '"parity"'),
    (LATER, "If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
    (ODD, "If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"),
)

RANGES = ("bytes=0-3", "bytes=2-", "bytes=-3", "bytes=99999999-", "bytes=0-0,2-2", "items=0-1")


def probes(case: Case) -> Ranked:
    """Yield one request a header on reads; Origin on every operation."""
    simple = case.draft.heading("Origin", ORIGIN)
    yield LATER, simple.probe("CORS: simple request")
    yield from _preflight(case)
    if not case.is_read:
        return
    for rank, name, value in (*ACCEPTING, *CONDITIONS):
        yield rank, case.draft.heading(name, value).probe(f"{name}: {value}")
    yield ODD, case.draft.heading("Origin", "null").probe("CORS: origin null")
    for value in RANGES:
        yield ODD, case.draft.heading("Range", value).probe(f"Range: {value}")
    yield (
        ODD,
        case.draft.heading("Accept", "text/html", "application/json").probe("Accept: repeated"),
    )
    yield ODD, case.draft.heading("Cookie", "parity=1; other").probe("Cookie: unknown")
    yield ODD, case.draft.heading("X-Forwarded-Host", "evil.example").probe("X-Forwarded-Host")
    yield ODD, case.draft.heading("X-HTTP-Method-Override", "DELETE").probe("method override")


def _preflight(case: Case) -> Ranked:
    asking = replace(case.draft, method="OPTIONS", body=b"").heading("Content-Type")
    asking = asking.heading("Origin", ORIGIN)
    asking = asking.heading("Access-Control-Request-Method", case.operation.method)
    yield USUAL, asking.probe(f"CORS: preflight for {case.operation.method}")
    asking = asking.heading("Access-Control-Request-Headers", "content-type, x-parity")
    yield LATER, asking.probe(f"CORS: preflight for {case.operation.method} with headers")
