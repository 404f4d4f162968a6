"""How soon a created job's child runs, beside a bare spawn; how soon a cancel is answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from servers import FLASK, WORKER, Server, serving
from tables import Goal, Line, quartile

ROUNDS, FLASK_ROUNDS = 100, 3
DEDUPER = """\
import os, time
os.write(os.open(os.environ["BENCHMARK_FIFO"], os.O_WRONLY), b".")
time.sleep(1000)
"""


def lines(folder: Path) -> Iterator[Line]:
    """Yield the line of starts and the line of cancels."""
    environment = _environment(folder)
    fifo = Path(environment["BENCHMARK_FIFO"])
    bare, guards, starts, cancels = [], [], [], []
    with ExitStack() as stack:
        worker = stack.enter_context(serving(WORKER, environment, folder))
        flask = stack.enter_context(serving(FLASK, environment, folder))
        for _ in range(ROUNDS):
            bare.append(_bare_start(environment))
            guards.append(_interpreter_start())
            start, cancel = _start_and_cancel(worker, fifo)
            starts.append(start)
            cancels.append(cancel)
        theirs = [_start_and_cancel(flask, fifo) for _ in range(FLASK_ROUNDS)]
    yield Line(
        "create → child runs, idle: ms more than a bare spawn (medians)",
        f"{median(starts):.1f} ms; Flask {median(start for start, _ in theirs):.1f} ms",
        f"{median(bare):.1f} ms for a bare spawn of the same interpreter, "
        f"{median(guards):.1f} ms for the guard's",
        median(starts) - median(bare),
        Goal("≤", 20, " ms"),
    )
    yield Line(
        "the same in the quietest quarter of the rounds",
        f"{quartile(starts):.1f} ms",
        f"{quartile(bare):.1f} ms; {quartile(guards):.1f} ms",
        quartile(starts) - quartile(bare),
        Goal("≤", 20, " ms"),
    )
    yield Line(
        f"cancel of a child that obeys SIGTERM: p99 of {ROUNDS}",
        f"median {median(cancels):.1f} ms, longest {max(cancels):.1f} ms",
        f"Flask: median {median(cancel for _, cancel in theirs):,.0f} ms",
        sorted(cancels)[ROUNDS * 99 // 100 - 1],
        Goal("≤", 50, " ms"),
    )


def _environment(folder: Path) -> Mapping[str, str]:
    """Make a deduper that says one byte and then waits for its end."""
    script = folder / "sleeper" / "src" / "main.py"
    script.parent.mkdir(parents=True)
    script.write_text(DEDUPER)
    fifo = folder / "alive"
    os.mkfifo(fifo)
    return {
        "PATH_TO_PYTHON_VENV": sys.prefix,
        "PATH_TO_MICROSERVICE_DEDUPER": str(script.parents[1]),
        "JOB_STORE": str(folder / "sleepers.sqlite3"),
        "BENCHMARK_FIFO": str(fifo),
        "DRAIN_SECONDS": "0",
    }


def _bare_start(environment: Mapping[str, str]) -> float:
    """Return the milliseconds from a spawn to the child's first byte."""
    interpreter = Path(environment["PATH_TO_PYTHON_VENV"], "bin", "python")
    script = Path(environment["PATH_TO_MICROSERVICE_DEDUPER"], "src", "main.py")
    began = time.perf_counter()
    with subprocess.Popen([interpreter, script], env={**os.environ, **environment}) as child:
        _wait_for_a_byte(Path(environment["BENCHMARK_FIFO"]))
        took = time.perf_counter() - began
        child.kill()
    return took * 1e3


def _interpreter_start() -> float:
    """Return the milliseconds that a guard's interpreter takes to start and end, with no guard."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "import _ctypes"], check=True)
    return (time.perf_counter() - began) * 1e3


def _start_and_cancel(server: Server, fifo: Path) -> tuple[float, float]:
    """Return the milliseconds from a create to the child's first byte, and those of its cancel."""
    began = time.perf_counter()
    job_id = json.loads(server.ask("/deduper/jobs/reportId/84"))["jobId"]
    _wait_for_a_byte(fifo)
    started = time.perf_counter()
    answer = json.loads(server.ask(f"/deduper/jobs/{job_id}/cancel", "POST"))
    ended = time.perf_counter()
    assert answer["status"] == "cancelled", answer
    return (started - began) * 1e3, (ended - started) * 1e3


def _wait_for_a_byte(fifo: Path) -> None:
    with fifo.open("rb", buffering=0) as reader:
        reader.read(1)
