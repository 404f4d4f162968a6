"""One broken report with something of everything, and hostile bodies."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from parity_harness.model.decision import Decision, Disposition, Selector
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Exchange, Probe, Response
from parity_harness.model.verdict import (
    Judgement,
    Latency,
    NoiseRule,
    Report,
    RouteCoverage,
    TrapNote,
)

HOSTILE = "<script>document.title = 'owned'</script>|`\x1b[31m"


def _found(
    kind: Kind,
    severity: Severity,
    method: str,
    route: str,
    path: str,
    cause: str,
    trap: str | None = None,
    baseline: str = "1",
    candidate: str = "2",
) -> Divergence:
    return Divergence(
        kind, severity, method, route, path, baseline, candidate, "happy path", trap, cause,
        "curl -i http://127.0.0.1/", (200, 200),
    )  # fmt: skip


HEADS = tuple(
    _found(Kind.STATUS, Severity.CRITICAL, "HEAD", route, "status", "FF02", "FF02", "200", "405")
    for route in ("/", "/jobs", "/jobs/{id}", "/health")
)
BODY = _found(
    Kind.VALUE, Severity.MAJOR, "GET", "/jobs/{id}", "body:/name", "name: another text",
    baseline=HOSTILE, candidate="Ä & co.",
)  # fmt: skip
SPELLING = _found(
    Kind.BYTES, Severity.COSMETIC, "GET", "/jobs", "body:", "FF01", "FF01", "no newline", "newline"
)


@pytest.fixture
def broken() -> Report:
    accepted = Decision(
        Selector(trap="FF01"), Disposition.ACCEPT, "bytes are not promised", "api team",
        date(2026, 12, 31), "decisions.toml", 4,
    )  # fmt: skip
    stale = Decision(
        Selector(trap="FF99"), Disposition.FIX, "long <b>gone</b>", "me", date(2026, 12, 31),
        "decisions.toml", 11,
    )  # fmt: skip
    expired = Decision(
        Selector(trap="FF02"), Disposition.ACCEPT, "for now", "me", date(2026, 1, 31),
        "decisions.toml", 18,
    )  # fmt: skip
    probe = Probe("GET", "/jobs/1", (("Accept", "*/*"),), b"\xff{}", "/jobs/{id}", "happy path")
    one = Response(200, (("Content-Type", "application/json"), ("Date", "now")), b'{"name":"a"}')
    two = Response(200, (("Content-Type", "text/html"),), f"<p>{HOSTILE}</p>".encode())
    return Report(
        baseline="wsgi:legacy.app:app",
        candidate="asgi:new.main:create_app()",
        judgement=Judgement((*HEADS, BODY), ((SPELLING, accepted),), (stale,), (expired,)),
        coverage=(
            RouteCoverage("/", ("GET", "HEAD"), (200, 405), exchanges=4),
            RouteCoverage("/jobs", ("GET", "HEAD", "POST"), (200, 201, 400), ("limit",), 31),
            RouteCoverage("/jobs/{id}", ("GET", "HEAD"), (200, 404), ("id",), 12, ("PATCH",)),
        ),
        noise=(NoiseRule("POST", "/jobs", "body:/id", "uuid4", "happy path"),),
        latency=(Latency("/jobs", 0.002, 0.004, 0.001, 0.003), Latency("/", 0, 0, 0.001, 0.001)),
        counts={"exchanges": 812, "scenarios": 9},
        seed=7,
        seconds=3.21,
        interrupted=True,
        notes=("two probes were answered 429",),
        evidence={BODY.fingerprint: Evidence(Exchange(probe, one), Exchange(probe, two))},
        traps={
            "FF02": TrapNote(
                "HEAD on a GET route", "app.router.route_class = HeadRoute\n# more", "405 for 200"
            ),
            "FF01": TrapNote("JSON is spelt another way", "class LegacyJSON(JSONResponse): ..."),
        },
        finished=datetime(2026, 5, 4, 12, 0, tzinfo=UTC),
    )


@pytest.fixture
def kept() -> Report:
    return Report("wsgi:a:app", "asgi:b:app", Judgement())
