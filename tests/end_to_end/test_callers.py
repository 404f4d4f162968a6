"""What `api/`'s own users see when the worker is well, unwell, slow, gone, or asked oddly."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from rig import jobs, stand_in
from rig.stage import Stage, set_up

REPORT = 1
ROUTES = (
    ("GET", f"/request-job/{REPORT}"),
    ("GET", "/job-list-status"),
    ("DELETE", "/clear-article-duplicate-analyses-table"),
)


@pytest.mark.parametrize(
    ("base", "status"),
    [("{worker}/", 201), ("{worker}//", 201), ("{worker}", 500)],
    ids=["one slash", "two slashes", "no slash"],
)
def test_the_base_url_is_joined_without_a_slash(
    stage: Stage, tmp_path: Path, base: str, status: int
) -> None:
    joined = base.format(worker=stage.worker.url)
    with stand_in.running(joined, stage.database, tmp_path / "log") as url:
        assert httpx.get(f"{url}{stand_in.PREFIX}/request-job/{REPORT}").status_code == status


@pytest.mark.parametrize(
    ("text", "status"),
    [("1", 201), ("001", 201), ("1.0", 404), (" 1", 404), ("+1", 404), ("abc", 404), ("99", 404)],
)
def test_the_raw_text_of_a_report_id_reaches_the_worker(
    stage: Stage, text: str, status: int
) -> None:
    assert stage.api.get(f"/request-job/{quote(text)}").status_code == status


def test_a_worker_that_cannot_run_the_deduper_says_so_through_api(
    kind: str, sample: Path, tmp_path: Path
) -> None:
    broken = {"PATH_TO_MICROSERVICE_DEDUPER": ""}
    with set_up(kind, sample, tmp_path, environment=broken) as stage:
        created = stage.api.get(f"/request-job/{REPORT}")
        assert created.status_code == 201
        job = jobs.wait_for_job(stage.worker.url, created.json()["pythonQueuerResponse"]["jobId"])
        assert (job["status"], "exitCode" in job) == ("failed", False)
        assert "PATH_TO_MICROSERVICE_DEDUPER" in str(job["error"])

        cleared = stage.api.delete("/clear-article-duplicate-analyses-table")
        assert cleared.status_code == 500
        assert set(cleared.json()["pythonQueuerResponse"]) == {"error"}


def test_a_clear_that_fails_is_passed_on_with_everything_it_said(
    kind: str, sample: Path, tmp_path: Path
) -> None:
    with set_up(kind, sample, tmp_path, environment={"NAME_DB": "none.db"}) as stage:
        cleared = stage.api.delete("/clear-article-duplicate-analyses-table")

    assert cleared.status_code == 500
    body = cleared.json()["pythonQueuerResponse"]
    assert (body["cleared"], body["exitCode"], body["cancelledJobs"]) == (False, 1, [])
    assert "none.db" in body["stdout"] + body["stderr"]


def test_a_worker_that_is_gone_is_a_500(own_stage: Stage) -> None:
    own_stage.worker.stop()

    assert [own_stage.api.request(*route).status_code for route in ROUTES] == [500] * len(ROUTES)


def test_a_slow_worker_is_waited_for(stage: Stage) -> None:
    stage.worker.process.send_signal(signal.SIGSTOP)
    waker = threading.Timer(1.0, stage.worker.process.send_signal, [signal.SIGCONT])
    waker.start()
    began = time.monotonic()
    try:
        answer = stage.api.get("/job-list-status")
    finally:
        waker.join()

    assert (answer.status_code, list(answer.json())) == (200, ["jobs"])
    assert time.monotonic() - began > 0.5


def test_a_page_instead_of_json_is_passed_on_and_not_a_crash(
    page_server: str, sample: Path, tmp_path: Path
) -> None:
    with (
        stand_in.running(f"{page_server}/", sample, tmp_path / "log") as url,
        httpx.Client(base_url=url + stand_in.PREFIX) as api,
    ):
        answer = api.get("/job-list-status")

    assert (answer.status_code, answer.json()) == (200, "<h1>maintenance</h1>")


@pytest.fixture(name="page_server")
def _page_server() -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>maintenance</h1>")

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
