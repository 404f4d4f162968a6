"""The load of a drill: open loop, bounded, with a ledger of every request and acknowledged job.

Creates, list and clear go through the stand-in for `api/`; detail, cancel and health go straight
to the edge, as operators' and agents' do. A request is sent when its time has come, whether or not
those before it were answered; so a worker that slows down cannot slow its load down.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from cutover.drill.setting import Load

TIMEOUT_SECONDS = 120.0
POOL = 200
EXCERPT = 300
API = "/analysis/deduper"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: kind, job it was about, when (epoch seconds), how long, what came back.

    `status` is 0 where no answer came; `error` says why, or is what a 5xx said. `partial` marks
    an answer of one worker for both.
    """

    kind: str
    at: float
    seconds: float
    status: int
    job: int | None = None
    error: str = ""
    partial: bool = False

    @property
    def failed(self) -> bool:
        """Whether a caller was let down: no answer, or a 5xx."""
        return self.status == 0 or self.status >= 500


@dataclass(slots=True)
class ClientLedger:
    """What the clients know: every request, every job they were promised, when and for whom."""

    sent: list[Sent] = field(default_factory=list)
    acknowledged: dict[int, float] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Generator:
    """Sends the load. `api` and `edge` are base URLs."""

    api: str
    edge: str
    load: Load
    ledger: ClientLedger = field(default_factory=ClientLedger)
    _random: random.Random = field(default_factory=random.Random)
    _pending: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, *, until: asyncio.Event) -> None:
        """Send at the load's rate until its number is sent *and* `until` is set."""
        self._random.seed(self.load.seed)
        limits = httpx.Limits(max_connections=POOL, max_keepalive_connections=POOL)
        began, number = time.monotonic(), 0
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, limits=limits) as client:
            while number < self.load.requests or not until.is_set():
                await asyncio.sleep(max(0.0, began + number / self.load.rate - time.monotonic()))
                self._send(client)
                number += 1
            await asyncio.gather(*self._pending)

    def _send(self, client: httpx.AsyncClient) -> None:
        kinds = list(self.load.weights)
        (kind,) = self._random.choices(kinds, [self.load.weights[one] for one in kinds])
        task = asyncio.create_task(self._one(client, kind))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def _one(self, client: httpx.AsyncClient, kind: str) -> None:
        job = self._job(kind)
        method, url = self._request(kind, job)
        at, began = time.time(), time.monotonic()
        try:
            answer = await client.request(method, url)
        except httpx.HTTPError as error:
            seconds = time.monotonic() - began
            self.ledger.sent.append(Sent(kind, at, seconds, 0, job, repr(error)))
            return
        body = _body(answer)
        partial = body.get("partial") is True
        seconds = time.monotonic() - began
        said = answer.text[:EXCERPT] if answer.is_server_error else ""
        self.ledger.sent.append(Sent(kind, at, seconds, answer.status_code, job, said, partial))
        self._note(kind, answer.status_code, body)

    def _job(self, kind: str) -> int | None:
        if kind not in ("detail", "cancel") or not self.ledger.acknowledged:
            return None
        known: Sequence[int] = list(self.ledger.acknowledged)
        return known[-1] if kind == "cancel" else self._random.choice(known)

    def _request(self, kind: str, job: int | None) -> tuple[str, str]:
        match kind:
            case "create":
                report = self._random.choice(self.load.reports)
                return "GET", f"{self.api}{API}/request-job/{report}"
            case "list":
                return "GET", f"{self.api}{API}/job-list-status"
            case "clear":
                return "DELETE", f"{self.api}{API}/clear-article-duplicate-analyses-table"
            case "detail" if job is not None:
                return "GET", f"{self.edge}/deduper/jobs/{job}"
            case "cancel" if job is not None:
                return "POST", f"{self.edge}/deduper/jobs/{job}/cancel"
            case _:
                return "GET", f"{self.edge}/deduper/health"

    def _note(self, kind: str, status: int, body: Mapping[str, Any]) -> None:
        if kind == "create" and status == 201:
            promised = body.get("pythonQueuerResponse")
            if isinstance(promised, Mapping) and isinstance(promised.get("jobId"), int):
                self.ledger.acknowledged[promised["jobId"]] = time.time()
        elif kind == "cancel" and status == 200 and body.get("status") == "cancelled":
            self.ledger.cancelled.add(int(body["jobId"]))


def _body(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}
