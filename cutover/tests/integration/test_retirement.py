"""Retiring the baseline: refused while a job of it would be lost, and by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cutover.cli import main
from cutover.cli.moving import HELD
from cutover.ledger import Ledger
from cutover.retirement import obstacle
from cutover.state import Move
from cutover.workers import WorkerView


@dataclass(slots=True)
class Jobs:
    """A worker that knows some jobs; `broken` answers 500 to everything."""

    statuses: dict[int, str] = field(default_factory=dict)
    broken: bool = False
    url: str = ""

    def answer(self, path: str) -> tuple[int, Mapping[str, object]]:
        if self.broken:
            return 500, {"error": "broken"}
        if path.endswith("/list"):
            return 200, {"jobs": [{"jobId": j, "status": s} for j, s in self.statuses.items()]}
        known = int(path.rpartition("/")[2]) in self.statuses
        return (200, {}) if known else (404, {"error": "Job not found"})


@pytest.fixture(name="baseline")
def _baseline(serve: Callable[[Jobs], Jobs]) -> Jobs:
    return serve(Jobs({1: "completed", 2: "failed", 3: "cancelled"}))


@pytest.fixture(name="candidate")
def _candidate(serve: Callable[[Jobs], Jobs]) -> Jobs:
    return serve(Jobs({1: "completed", 2: "failed", 3: "cancelled", 1_000_000: "running"}))


@pytest.fixture(name="look")
def _look(baseline: Jobs, candidate: Jobs) -> Callable[[], str | None]:
    return lambda: obstacle(
        WorkerView("baseline", baseline.url), WorkerView("candidate", candidate.url)
    )


def test_nothing_stands_in_the_way_where_every_job_has_ended_and_is_known(
    look: Callable[[], str | None],
) -> None:
    assert look() is None


def test_jobs_that_have_not_ended_are_waited_for(
    look: Callable[[], str | None], baseline: Jobs
) -> None:
    baseline.statuses[2] = "running"

    assert look() == "the baseline has not ended jobs 2: wait for them, or cancel them"


def test_jobs_that_the_candidate_does_not_know_are_named_with_the_cure(
    look: Callable[[], str | None], baseline: Jobs
) -> None:
    baseline.statuses |= dict.fromkeys(range(4, 16), "completed")

    assert look() == (
        "the candidate does not answer for jobs 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 2 more of the "
        f"baseline: worker-python import-jobs --from {baseline.url}"
    )


@pytest.mark.parametrize("which", ["baseline", "candidate"])
def test_a_worker_that_does_not_say_holds_it(
    look: Callable[[], str | None], baseline: Jobs, candidate: Jobs, which: str
) -> None:
    (baseline if which == "baseline" else candidate).broken = True

    told = look()

    assert told is not None
    assert "does not say which jobs it has" in told


def test_the_command_holds_and_force_does_not(
    plan_file: Path,
    plan_text: str,
    tmp_path: Path,
    baseline: Jobs,
    candidate: Jobs,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, worker in (("baseline", baseline), ("candidate", candidate)):
        plan_text = _with_url(plan_text, name, worker.url)
    plan_file.write_text(plan_text)
    for move in (Move.START, Move.PROMOTE, Move.PROMOTE):
        Ledger(tmp_path).append("move", move=move, by="t", reason="r", stage=0, share=0)
    baseline.statuses[4] = "completed"
    options = ["--plan", str(plan_file), "--state", str(tmp_path)]

    assert main([*options, "retire"]) == HELD
    assert "held: the candidate does not answer for jobs 4" in capsys.readouterr().out

    main([*options, "retire", "--force"])  # no Envoy runs here: it is decided all the same
    assert "retire is decided and written down, but Envoy" in capsys.readouterr().err
    assert Ledger(tmp_path).entries("move")[-1].facts["move"] == "retire"


def _with_url(plan_text: str, name: str, url: str) -> str:
    head, _, rest = plan_text.partition(f"[{name}]\n")
    return f'{head}[{name}]\nurl = "{url}"\n{rest.partition(chr(10))[2]}'


@pytest.fixture(name="serve")
def _serve() -> Iterator[Callable[[Jobs], Jobs]]:
    with ExitStack() as stack:
        yield lambda jobs: stack.enter_context(_serving(jobs))


@contextmanager
def _serving(jobs: Jobs) -> Iterator[Jobs]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, answer = jobs.answer(self.path)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    jobs.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield jobs
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
