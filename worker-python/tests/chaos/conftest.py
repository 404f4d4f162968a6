"""A real worker on a real socket that can be killed, with a deduper that bears witness.

`CHAOS_KILLS` says how many kills (8 by default, one at each point), `CHAOS_REPORT` names the file
that is to tell of them, `CHAOS_SEED` repeats a run.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import pytest

from rig import reliability

FIXTURES = Path(__file__).parents[1] / "fixtures"
LISTENING = re.compile(r"http://127\.0\.0\.1:(\d+)")
LIMIT_SECONDS = 30.0

REPORT = """\
A real service on a real socket gets random requests (creates, cancels, clears, looks) and kills
itself with SIGKILL at a named crash point between two durable steps; the next one starts on the
same database. The deduper is a witness: it and a grandchild in a session of its own hold locks as
long as they live, and it writes down whoever it meets.

{table}
"""

Answer = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Service:
    """One worker process after another on the same folder."""

    folder: Path
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    port: int = 0
    starts: int = 0
    killed_at: float = 0.0

    def start(self, point: str | None = None, times: int = 1) -> bool:
        """Start, to be killed at a point; False where that happened before it listened."""
        self.starts += 1
        log = self.folder / f"service-{self.starts}.log"
        order = {} if point is None else {"CRASH_AT": f"{point} {times}"}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(FIXTURES / "crashing_service.py"), "serve", "--port", "0"],
                cwd=self.folder,
                env={**self.environment(), **order},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_for(lambda: bool(LISTENING.search(log.read_text())) or self.dead)
        if (found := LISTENING.search(log.read_text())) is None:
            assert point is not None, log.read_text()
            return False
        self.port = int(found[1])
        return True

    @property
    def dead(self) -> bool:
        """Whether the process has ended; notes when that was seen first."""
        assert self.process is not None
        if self.process.poll() is None:
            return False
        self.killed_at = self.killed_at or time.monotonic()
        return True

    def kill(self) -> None:
        """SIGKILL from outside."""
        assert self.process is not None
        self.process.kill()
        self.killed_at = time.monotonic()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_SECONDS)

    def ask(self, method: str, path: str) -> Answer | None:
        """Return status and body; None where the service died before it had answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_SECONDS)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
        except (ConnectionError, http.client.HTTPException):
            wait_for(lambda: self.dead)
            return None
        finally:
            connection.close()
        return answer.status, json.loads(body)

    def jobs(self) -> dict[int, str]:
        """Return the status of every job, as the service lists them."""
        answer = self.ask("GET", "/deduper/jobs/list")
        assert answer is not None
        return {job["jobId"]: job["status"] for job in answer[1]["jobs"]}

    def let_end(self, report_id: int, code: int = 0) -> None:
        """Let the deduper of a report end."""
        waiting = self.folder / f"going-{report_id}"
        waiting.write_text(str(code))
        waiting.rename(self.folder / f"go-{report_id}")

    def seconds_until_nothing_is_left(self) -> float:
        """Wait until no process of the dead service lives; return how long it took."""
        wait_for(lambda: not self.leavings())
        took = time.monotonic() - self.killed_at
        self.killed_at = 0.0
        return took

    def leavings(self) -> list[psutil.Process]:
        """Find what lives of our dedupers and guards; the service itself is none of it."""
        descriptor = os.open(self.folder / "tree.lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return [psutil.Process()]  # a deduper lives; which one is not asked
        finally:
            os.close(descriptor)
        return [one for one in psutil.process_iter() if self._is_ours(one)]

    def doubled(self) -> list[str]:
        """Return what witnesses saw of a second deduper beside them."""
        path = self.folder / "doubled"
        return path.read_text().splitlines() if path.exists() else []

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "WITNESS": str(self.folder),
            "PATH_TO_PYTHON_VENV": sys.prefix,
            "PATH_TO_MICROSERVICE_DEDUPER": str(FIXTURES / "witness_deduper"),
            "JOB_STORE": str(self.folder / "jobs.sqlite3"),
            "DRAIN_SECONDS": "0",
            "CANCEL_GRACE_SECONDS": "0.2",
            "LOG_FORMAT": "json",
            **self.settings,
        }

    def _is_ours(self, process: psutil.Process) -> bool:
        if self.process is not None and process.pid == self.process.pid:
            return False
        try:
            ours = process.environ().get("WITNESS") == str(self.folder)
            return ours and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@pytest.fixture
def make_service() -> Callable[[Path], Service]:
    return lambda folder: Service(folder, settings={})


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, settings={})
    yield service
    if service.process is not None and service.process.poll() is None:
        service.kill()
    service.killed_at = service.killed_at or time.monotonic()
    service.seconds_until_nothing_is_left()


@dataclass(slots=True)
class Tally:
    """What `docs/reliability.md` tells."""

    kills: Counter[str] = field(default_factory=Counter)
    gone_seconds: list[float] = field(default_factory=list)
    restart_seconds: list[float] = field(default_factory=list)
    acknowledged: int = 0
    doubled: int = 0
    bad_requests: int = 0

    def killed(self, point: str, *, gone_seconds: float) -> None:
        """Count a kill, and how long anything of the service lived on."""
        self.kills[point] += 1
        self.gone_seconds.append(gone_seconds)

    def restarted(self, seconds: float) -> None:
        """Note how long it took from the start to listening, lost jobs settled."""
        self.restart_seconds.append(seconds)

    def kept(self, *, acknowledged: int, doubled: int) -> None:
        """Count jobs that were acknowledged, all of which were found in the end."""
        self.acknowledged += acknowledged
        self.doubled += doubled

    def lines(self) -> list[str]:
        """Return the table; a lost job or an orphan would have failed the run."""
        kills = ", ".join(f"{point} {number}" for point, number in sorted(self.kills.items()))
        return [
            "| what | figure |",
            "|---|---|",
            f"| SIGKILLs of the service | {self.kills.total()} |",
            f"| at | {kills} |",
            f"| jobs acknowledged | {self.acknowledged} |",
            "| acknowledged jobs lost | 0 |",
            f"| jobs run twice at once | {self.doubled} |",
            "| terminal statuses changed | 0 |",
            "| processes left behind | 0 |",
            f"| kill to last process gone | {spread(self.gone_seconds)} |",
            f"| start to answering, lost jobs settled | {spread(self.restart_seconds)} |",
            f"| bad requests, none answered by a 5xx | {self.bad_requests} |",
            "| jobs started by them | 0 |",
        ]


def spread(seconds: list[float]) -> str:
    """Return median and worst, in milliseconds."""
    return f"median {median(seconds) * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms"


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    tally = Tally()
    yield tally
    if (report := os.environ.get("CHAOS_REPORT")) and tally.kills:
        table = "\n".join(tally.lines())
        reliability.write(Path(report), "local", REPORT.format(table=table))


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    return wait_for


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)
