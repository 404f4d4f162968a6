"""What the guard costs and how fast it clears up, beside a bare interpreter in the same run.

    python benchmarks/guard.py

Milliseconds, and ratios to the start of a bare `python -I -S -c pass`. Linux only. About 15 s.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command, Ending

ROUNDS = 100
SLOW_ROUNDS = 15
BARE = (sys.executable, "-I", "-S", "-c", "pass")
SAY_AND_SLEEP = (
    "import posix, sys, time; posix.write(posix.open(sys.argv[1], 1), b'.'); time.sleep(1000)"
)
CHILD = (sys.executable, "-I", "-S", "-c", SAY_AND_SLEEP)
FAKE_DEDUPER = Path(__file__).parents[1] / "worker-python/tests/fixtures/fake_deduper/src/main.py"
FAKE = (sys.executable, "-I", "-S", str(FAKE_DEDUPER))
SERVICE = """
import asyncio, os, sys
from worker_python.execution.executor import GuardedExecutor
from worker_python.jobs.attempt import Command

async def serve():
    command = Command(argv=tuple(sys.argv[1:]), environment=dict(os.environ))
    attempt = await GuardedExecutor().start(command, marker="benchmark")
    await attempt.wait()

asyncio.run(serve())
"""

Figures = dict[str, list[float]]


def main() -> None:
    """Take all the figures in turn, so that a busy moment hits each of them alike."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        fifo, started = Path(folder) / "alive", Path(folder) / "started"
        os.mkfifo(fifo)
        for _ in range(ROUNDS):
            _take_bare_figures(fifo, figures)
            asyncio.run(_take_guarded_figures(fifo, figures))
        for _ in range(SLOW_ROUNDS):
            asyncio.run(_take_the_escaped_grandchild(started, figures))
            _take_the_killed_service(started, figures)
    _print(figures)


def _take_bare_figures(fifo: Path, figures: Figures) -> None:
    with _timed("spawn and wait: /bin/true", figures):
        subprocess.run(["/bin/true"], check=True)
    with _timed("spawn and wait: bare interpreter", figures):
        subprocess.run(BARE, check=True)
    begun = time.perf_counter()
    with subprocess.Popen([*CHILD, fifo]) as process:
        _wait_for_a_byte(fifo)
        _note("to a running child: bare", begun, figures)
        process.kill()


async def _take_guarded_figures(fifo: Path, figures: Figures) -> None:
    begun = time.perf_counter()
    attempt = await GuardedExecutor().start(Command((*CHILD, str(fifo))), marker=uuid4().hex)
    _note("the guard has started its command", begun, figures)
    _wait_for_a_byte(fifo)
    _note("to a running child: guarded", begun, figures)
    with _timed("cancel of a child that obeys", figures):
        attempt.stop(Ending.CANCELLED)
        await attempt.wait()


async def _take_the_escaped_grandchild(started: Path, figures: Figures) -> None:
    command = Command(FAKE, _orders(started))
    attempt = await GuardedExecutor().start(command, marker=uuid4().hex)
    processes = _processes(started)
    with _timed("cancel: the escaped grandchild is gone", figures):
        attempt.stop(Ending.CANCELLED)
        _wait_for_all(processes)
    await attempt.wait()


def _take_the_killed_service(started: Path, figures: Figures) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVICE, *FAKE], env=_orders(started)) as service:
        processes = _processes(started)
        with _timed("SIGKILL of the service: all are gone", figures):
            service.kill()
            _wait_for_all(processes)


@contextmanager
def _timed(name: str, figures: Figures) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    _note(name, begun, figures)


def _note(name: str, begun: float, figures: Figures) -> None:
    figures.setdefault(name, []).append((time.perf_counter() - begun) * 1000)


def _orders(started: Path) -> dict[str, str]:
    started.unlink(missing_ok=True)
    orders = {"started": str(started), "double_fork": True, "delay": 1000}
    return {**os.environ, "FAKE_DEDUPER": json.dumps(orders)}


def _processes(started: Path) -> list[int]:
    while not started.exists():
        time.sleep(0.002)
    return [os.pidfd_open(int(pid)) for pid in started.read_text().split()]


def _wait_for_a_byte(fifo: Path) -> None:
    with fifo.open("rb", buffering=0) as reader:
        reader.read(1)


def _wait_for_all(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        select.select([descriptor], [], [])
        os.close(descriptor)


def _print(figures: Figures) -> None:
    bare = _median(figures["spawn and wait: bare interpreter"])
    print(f"{'':42}{'median':>8}{'p99':>8}{'max':>8}{'ratio':>8}")
    for name, values in figures.items():
        ordered = sorted(values)
        p99, most = ordered[int((len(ordered) - 1) * 0.99)], ordered[-1]
        middle = _median(values)
        print(f"{name:42}{middle:8.2f}{p99:8.2f}{most:8.2f}{middle / bare:8.2f}")
    cost = _median(figures["to a running child: guarded"]) - _median(
        figures["to a running child: bare"]
    )
    print(f"{'the guard costs, over a bare spawn':42}{cost:8.2f}{'':16}{cost / bare:8.2f}")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
