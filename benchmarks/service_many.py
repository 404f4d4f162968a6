"""A hundred thousand kept jobs: what listing them costs, and what memory they take."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from servers import WORKER, Server, serving
from service_answers import wait_for_the_end
from tables import Goal, Line, quartile

LIST = "/deduper/jobs/list"
ROUNDS = 8
MIB = 2**20


def lines(folder: Path, *, jobs: int) -> Iterator[Line]:
    """Yield the lines of the list and the line of the memory."""
    store = folder / "many.sqlite3"
    environment = {"JOB_STORE": str(store), "PATH_TO_PYTHON_VENV": ""}
    with serving(WORKER, environment, folder) as server:
        server.ask("/deduper/jobs/reportId/84")
        wait_for_the_end(server, 1)
        server.ask(LIST)
        empty = server.memory_mib
    _multiply(store, jobs)
    with serving(WORKER, environment, folder) as server:
        server.ask("/deduper/jobs/1")
        idle = server.memory_mib
        yield from _listing(server, jobs)
        kept = server.memory_mib - empty
    yield Line(
        f"memory for {jobs:,} kept jobs, after they were listed",
        f"{empty + kept:.0f} MiB, {idle:.0f} MiB before",
        f"{empty:.0f} MiB with one job",
        kept,
        Goal("≤", 100, " MiB"),
    )


def _listing(server: Server, jobs: int) -> Iterator[Line]:
    before, cpu = server.memory_mib, server.cpu_seconds
    listed = json.loads(server.ask(LIST))
    answers, dumps, dumps_cpu = [], [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        body = server.ask(LIST)
        answers.append((time.perf_counter() - began) * 1e3)
        began, began_cpu = time.perf_counter(), time.process_time()
        json.dumps(listed, sort_keys=True, separators=(",", ":")).encode()
        dumps.append((time.perf_counter() - began) * 1e3)
        dumps_cpu.append((time.process_time() - began_cpu) * 1e3)
    cpu = (server.cpu_seconds - cpu) / (ROUNDS + 1) * 1e3
    assert len(listed["jobs"]) == jobs
    yield Line(
        f"list of {jobs:,} jobs ÷ serialising it, quietest quarter of {ROUNDS}",
        f"{quartile(answers):.0f} ms, {cpu:.0f} ms CPU",
        f"{quartile(dumps):.0f} ms, {quartile(dumps_cpu):.0f} ms CPU",
        quartile(answers) / quartile(dumps),
        Goal("≤", 3, " ×"),
    )
    size = len(body) / MIB
    grown = server.memory_mib - before
    yield Line(
        f"memory grown by {ROUNDS + 1} such answers ÷ one of them",
        f"{grown:.1f} MiB",
        f"{size:.1f} MiB an answer",
        grown / size,
        Goal("≤", 2, " ×"),
    )


def _multiply(store: Path, jobs: int) -> None:
    """Copy the one ended job until there are so many."""
    with closing(sqlite3.connect(store)) as connection, connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(jobs)") if row[1] != "id"]
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"INSERT INTO jobs ({columns}) SELECT {columns} FROM jobs, "  # noqa: S608  names from the schema
            "(WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT i FROM n) WHERE id = 1",
            (jobs,),
        )
