"""Faults of the disk under a running service: a clear 500, nothing started, and on it goes."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

Eventually = Callable[[Callable[[], bool]], None]


class Service(Protocol):
    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes]

    def start(self) -> bool: ...
    def ask(self, method: str, path: str) -> tuple[int, dict[str, Any]]: ...
    def jobs(self) -> dict[int, str]: ...
    def let_end(self, report_id: int, code: int = 0) -> None: ...
    def stop(self) -> int: ...


@contextmanager
def full_disk(service: Service) -> Iterator[None]:
    """Let no file of the service grow any more; what is written over is still taken."""
    sizes = [file.stat().st_size for file in service.folder.glob("jobs.sqlite3*")]
    soft, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (max(sizes), hard))
    try:
        yield
    finally:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(service: Service) -> Iterator[None]:
    """Hold the database as a careless backup does."""
    connection = sqlite3.connect(service.folder / "jobs.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


@pytest.fixture
def busy(service: Service, eventually: Eventually) -> Service:
    """A service with one job running, and its pid saved."""
    service.settings["BUSY_SECONDS"] = "0.5"
    service.start()
    assert service.ask("GET", "/deduper/jobs/reportId/1001")[0] == 201
    eventually(lambda: service.jobs() == {1: "running"})
    eventually((service.folder / "1001.lock").exists)
    return service


def test_a_full_disk_refuses_creates_and_keeps_the_result_of_what_runs(
    busy: Service, eventually: Eventually
) -> None:
    with full_disk(busy):
        answers = [busy.ask("GET", "/deduper/jobs/reportId/5") for _ in range(40)]
        accepted = [body["jobId"] for status, body in answers if status == 201]
        refused = [body for status, body in answers if status == 500]
        assert len(accepted) + len(refused) == 40
        assert "disk" in refused[0]["error"]
        busy.let_end(1001)

    eventually(lambda: busy.jobs() == dict.fromkeys((1, *accepted), "completed"))
    assert busy.ask("GET", "/deduper/jobs")[0] == 201


def test_a_locked_database_refuses_creates_and_answers_questions(
    busy: Service, eventually: Eventually
) -> None:
    with locked(busy):
        status, body = busy.ask("GET", "/deduper/jobs/reportId/5")
        assert (status, "another process keeps it locked" in body["error"]) == (500, True)
        assert busy.ask("GET", "/deduper/jobs/1")[1]["status"] == "running"
        busy.let_end(1001)

    eventually(lambda: busy.jobs() == {1: "completed"})
