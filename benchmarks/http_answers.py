"""How fast the worker answers, beside the Flask worker and beside what an answer costs at least.

    python benchmarks/http_answers.py [--seconds 3] [--rounds 3] [--listed 100000]

Logs and metrics are on, as they are in production. Rounds alternate between the servers; the
figures are medians over the rounds. Ratios hold within one run only.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from http_load import Rate, Server, get, load, serving, uvicorn

HERE = Path(__file__).parent
FAKE_DEDUPER = HERE.parent / "worker-python" / "tests" / "fixtures" / "fake_deduper"
FLASK = "worker_python_flask.app:create_app"
DETAIL = "/deduper/jobs/1"
_SERVE = [str(Path(sys.executable).with_name("worker-python")), "serve", "--port", "{port}"]
Figures = Mapping[str, Rate]


def main() -> None:
    """Measure and print the tables."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        workers = _start_workers(Path(folder), stack)
        limits = _start_limits(Path(folder), workers["worker-python"], stack)
        reads = _rounds({**workers, **limits}, DETAIL, options.seconds, options.rounds)
        _print(f"GET {DETAIL}, an ended job", reads, reference="bare FastAPI")
        creates = _rounds(workers, "/deduper/jobs/reportId/7", options.seconds, options.rounds)
        _print(
            "GET /deduper/jobs/reportId/7, a durable create", creates, reference="Flask, threads"
        )
    _measure_list(options.listed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load per server and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--listed", type=int, default=100_000, help="jobs in the list")
    return parser.parse_args()


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
    commands = {
        "worker-python": _SERVE,
        "Flask, threads": [
            *(sys.executable, "-m", "flask", "--app", FLASK),
            *("run", "--port", "{port}", "--with-threads"),
        ],
    }
    if importlib.util.find_spec("waitress"):
        commands["Flask, waitress"] = [
            *(sys.executable, "-m", "waitress", "--listen=127.0.0.1:{port}", "--threads=16"),
            *("--call", FLASK),
        ]
    # The Flask worker gets no paths: a create costs it a thread, but no process.
    environments = {name: ours if name == "worker-python" else {} for name in commands}
    workers = {
        name: stack.enter_context(serving(command, environments[name], folder))
        for name, command in commands.items()
    }
    for server in workers.values():
        get(server, "/deduper/jobs/reportId/84")
        _wait_for_the_end(server)
    gate.unlink()
    get(workers["worker-python"], "/deduper/jobs")
    return workers


def _start_limits(folder: Path, worker: Server, stack: ExitStack) -> dict[str, Server]:
    body = folder / "body"
    body.write_bytes(get(worker, DETAIL))
    environment = {"BENCHMARK_BODY": str(body), "PYTHONPATH": str(HERE)}
    names = {
        "bare FastAPI": "bare_fastapi",
        "bare Starlette": "bare_starlette",
        "raw ASGI": "raw_asgi",
    }
    return {
        name: stack.enter_context(serving(uvicorn(f"http_limits:{app}"), environment, folder))
        for name, app in names.items()
    }


def _wait_for_the_end(server: Server) -> None:
    while json.loads(get(server, DETAIL))["status"] in ("pending", "running"):
        time.sleep(0.02)


def _rounds(servers: Mapping[str, Server], path: str, seconds: float, rounds: int) -> Figures:
    found: dict[str, list[Rate]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(load(server, path, seconds=seconds))
    return {name: _median(rates) for name, rates in found.items()}


def _median(rates: Sequence[Rate]) -> Rate:
    return Rate(
        per_second=statistics.median(rate.per_second for rate in rates),
        cpu_microseconds=statistics.median(rate.cpu_microseconds for rate in rates),
        median_ms=statistics.median(rate.median_ms for rate in rates),
        p99_ms=statistics.median(rate.p99_ms for rate in rates),
    )


def _print(title: str, figures: Figures, *, reference: str) -> None:
    print(f"\n{title}\n")
    print(f"| server | answers/s | ratio to {reference} | CPU µs | median ms | p99 ms |")
    print("|---|---|---|---|---|---|")
    for name, rate in figures.items():
        ratio = rate.per_second / figures[reference].per_second
        print(
            f"| {name} | {rate.per_second:,.0f} | {ratio:.2f} | {rate.cpu_microseconds:,.0f} "
            f"| {rate.median_ms:.2f} | {rate.p99_ms:.2f} |"
        )


def _measure_list(jobs: int) -> None:
    """Time the list of many jobs against serialising it, and see what memory it takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "jobs.sqlite3"
        environment = {"JOB_STORE": str(store), "PATH_TO_PYTHON_VENV": ""}
        with serving(_SERVE, environment, folder) as server:
            get(server, "/deduper/jobs")
            _wait_for_the_end(server)
        _multiply(store, jobs)
        with serving(_SERVE, environment, folder) as server:
            before = server.memory_mib
            times = [_timed(server) for _ in range(3)]
            grown = server.memory_mib - before
            body = get(server, "/deduper/jobs/list")
    listed = json.loads(body)
    started = time.perf_counter()
    json.dumps(listed, sort_keys=True, separators=(",", ":"))
    serialising = time.perf_counter() - started
    print(f"\nGET /deduper/jobs/list, {jobs:,} jobs, {len(body) / 2**20:.1f} MiB\n")
    print("| what | figure |\n|---|---|")
    print(f"| answer | {statistics.median(times) * 1e3:.0f} ms |")
    print(f"| serialising the same bytes | {serialising * 1e3:.0f} ms |")
    print(f"| ratio | {statistics.median(times) / serialising:.2f} |")
    print(f"| memory of the service, idle with these jobs | {before:.0f} MiB |")
    print(f"| grown by the answers, against the answer | {grown / (len(body) / 2**20):.2f} × |")


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


def _timed(server: Server) -> float:
    started = time.perf_counter()
    get(server, "/deduper/jobs/list")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
