"""Gates read what a real Envoy counted about a worker that answers, fails, or is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from cutover.envoy import process
from cutover.envoy.admin import Admin
from cutover.envoy.shares import Shares
from cutover.plan import Metric, Plan
from cutover.readings import Readings
from cutover.workers import WorkerView

REQUESTS = 10


class Worker(BaseHTTPRequestHandler):
    """Answers with the status that its server was told."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    status = 200

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(name="scene")
def _scene(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[tuple[Plan, Readings]]:
    Worker.status = 200
    with _serving() as port:
        plan = Plan.model_validate(
            {
                "baseline": {"url": f"http://127.0.0.1:{port}"},
                "candidate": {"url": f"http://127.0.0.1:{port}"},
                "edge": {"listen": f"127.0.0.1:{free_port()}", "admin": f"127.0.0.1:{free_port()}"},
                "stage": [{"name": "none", "share": 0}, {"name": "all", "share": 100}],
            }
        )
        views = (
            WorkerView("baseline", "http://x"),
            WorkerView("candidate", f"http://127.0.0.1:{port}"),
        )
        with process.running(plan, tmp_path):
            admin = Admin(plan.edge.admin)
            admin.set_shares(Shares(creates=100, shared=100))
            yield plan, Readings(admin, views)


def test_the_share_of_5xx_is_of_the_interval(scene: tuple[Plan, Readings]) -> None:
    plan, readings = scene
    readings.measure(Metric.HTTP_5XX_SHARE)
    _ask(plan)
    Worker.status = 500
    _ask(plan)

    reading = readings.measure(Metric.HTTP_5XX_SHARE)
    assert (reading.value, reading.samples) == (0.5, 2 * REQUESTS)
    assert readings.measure(Metric.HTTP_5XX_SHARE).samples == 0


def test_a_latency_is_measured(scene: tuple[Plan, Readings]) -> None:
    plan, readings = scene
    readings.measure(Metric.LATENCY_P95_MS)
    _ask(plan)

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # histograms appear with Envoy's next flush
        if readings.measure(Metric.LATENCY_P95_MS).value is not None:
            return
    pytest.fail("no latency was measured")


def test_a_worker_of_the_wrong_shape_is_malformed_and_one_without_metrics_unknown(
    scene: tuple[Plan, Readings],
) -> None:
    _, readings = scene

    assert readings.measure(Metric.MALFORMED).value == 1.0
    assert readings.measure(Metric.UNREADY).value == 0.0
    assert readings.measure(Metric.QUEUE_AGE_SECONDS).value is None
    assert readings.measure(Metric.JOB_FAILURE_SHARE_EXCESS).value is None
    assert readings.measure(Metric.DIVERGENCES).value is None


@pytest.mark.parametrize("metric", list(Metric))
def test_nothing_answers_and_no_reading_fails(free_port: Callable[[], int], metric: Metric) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    views = (
        WorkerView("baseline", f"http://{nobody}"),
        WorkerView("candidate", f"http://{nobody}"),
    )

    reading = Readings(Admin(nobody), views).measure(metric)
    if metric is Metric.UNREADY:
        assert reading.value == 1.0


def _ask(plan: Plan) -> None:
    with httpx.Client(base_url=f"http://{plan.edge.listen}") as client:
        for _ in range(REQUESTS):
            client.get("/deduper/health")


@contextmanager
def _serving() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Worker) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
