"""Reads and creates under load, beside the Flask worker and beside the least an answer costs."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from http_load import CLIENTS, Load, in_turn
from servers import FLASK, WAITRESS, WORKER, Server, serving, uvicorn
from tables import Goal, Line

HERE = Path(__file__).parent
FAKE_DEDUPER = HERE.parent / "worker-python" / "tests" / "fixtures" / "fake_deduper"
DETAIL, CREATE = "/deduper/jobs/1", "/deduper/jobs/reportId/7"
OURS = "worker-python"
GOALS = {
    "bare FastAPI": Goal("≥", 0.85, " ×"),
    "Flask on its development server": Goal("≥", 5, " ×"),
    "Flask on waitress": Goal("≥", 2, " ×"),
}
LIMITS = {
    "bare FastAPI": "bare_fastapi",
    "bare Starlette": "bare_starlette",
    "raw ASGI callable": "raw_asgi",
}


def lines(folder: Path, *, seconds: float, rounds: int) -> Iterator[Line]:
    """Yield the lines of reads, then those of creates."""
    with ExitStack() as stack:
        workers = _start_workers(folder, stack)
        limits = _start_limits(folder, workers[OURS], stack)
        yield from _reads({**workers, **limits}, seconds, rounds)
        yield from _creates(folder, workers, seconds, rounds)


def _reads(servers: Mapping[str, Server], seconds: float, rounds: int) -> Iterator[Line]:
    """Compare by processor time: answers a second also say whom the neighbours let run."""
    loads = in_turn(servers, DETAIL, seconds=seconds, rounds=rounds)
    ours = loads.pop(OURS)
    for name, theirs in loads.items():
        yield Line(
            f"GET {DETAIL}, {CLIENTS} clients: {OURS} ÷ {name}, answers per processor second",
            _text(ours),
            f"{_text(theirs)} (+ {theirs.own_microseconds:.0f} µs for asking)",
            theirs.cpu_microseconds / ours.cpu_microseconds,
            GOALS.get(name),
        )


def _creates(
    folder: Path, workers: Mapping[str, Server], seconds: float, rounds: int
) -> Iterator[Line]:
    bare = folder / "bare.sqlite3"
    commits = [_bare_commits(bare)]
    rounds = max(1, rounds // 4)  # rented disks are metered: more would measure the meter
    loads = in_turn(workers, CREATE, seconds=seconds, rounds=rounds)
    commits.append(_bare_commits(bare))
    ours = loads.pop(OURS)
    yield Line(
        f"durable create, {CLIENTS} clients",
        _text(ours),
        f"{commits[0]:,.0f} bare commits/s before, {commits[1]:,.0f} after, one after the other",
        ours.per_second,
        Goal("≥", 2_000, "/s"),
    )
    for name, theirs in loads.items():
        yield Line(
            f"the same: {OURS} ÷ {name}, which keeps nothing, answers a second",
            _text(ours),
            _text(theirs),
            ours.per_second / theirs.per_second,
        )


def _text(done: Load) -> str:
    return f"{done.per_second:,.0f}/s, {done.cpu_microseconds:.0f} µs CPU"


def _start_workers(folder: Path, stack: ExitStack) -> dict[str, Server]:
    """Both workers with one ended job; later creates wait behind a job that never ends."""
    gate = folder / "gate"
    gate.touch()
    ours = {
        "PATH_TO_PYTHON_VENV": sys.prefix,
        "PATH_TO_MICROSERVICE_DEDUPER": str(FAKE_DEDUPER),
        "FAKE_DEDUPER": json.dumps({"until": str(gate), "stdout": "x" * 200}),
        "JOB_STORE": str(folder / "jobs.sqlite3"),
        "DRAIN_SECONDS": "0",
    }
    # The Flask worker gets no paths: a create costs it a thread, but no process.
    workers = {
        OURS: stack.enter_context(serving(WORKER, ours, folder)),
        "Flask on its development server": stack.enter_context(serving(FLASK, {}, folder)),
        "Flask on waitress": stack.enter_context(serving(WAITRESS, {}, folder)),
    }
    for server in workers.values():
        server.ask("/deduper/jobs/reportId/84")
        wait_for_the_end(server, 1)
    gate.unlink()
    workers[OURS].ask("/deduper/jobs")
    return workers


def _start_limits(folder: Path, worker: Server, stack: ExitStack) -> dict[str, Server]:
    body = folder / "body"
    body.write_bytes(worker.ask(DETAIL))
    environment = {"BENCHMARK_BODY": str(body), "PYTHONPATH": str(HERE)}
    return {
        name: stack.enter_context(serving(uvicorn(f"http_limits:{app}"), environment, folder))
        for name, app in LIMITS.items()
    }


def wait_for_the_end(server: Server, job_id: int) -> None:
    """Return when a job has ended."""
    while json.loads(server.ask(f"/deduper/jobs/{job_id}"))["status"] in ("pending", "running"):
        time.sleep(0.005)


def _bare_commits(path: Path, *, seconds: float = 1.0) -> float:
    """Return how often a second this disk takes a forced commit of one row, right now."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (word TEXT)")
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            connection.execute("INSERT INTO rows VALUES ('word')")
            done += 1
        return done / (time.perf_counter() - began)
