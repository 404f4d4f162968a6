"""`dedupe`: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pytest
from pytest_mock import MockerFixture

from worker_python_client.cli import main

MakeJob = Callable[..., Mapping[str, Any]]
CREATE, DETAIL = "GET /deduper/jobs/reportId/84", "GET /deduper/jobs/7"
CREATED = (201, {"jobId": 7, "reportId": 84, "status": "pending"})
HEALTH = {
    "status": "healthy",
    "timestamp": "2026-01-31T09:30:00.000000+00:00",
    "environment": {"deduper_path_configured": True, "python_venv_configured": True},
    "jobs": dict.fromkeys(("total", "pending", "running", "completed", "failed", "cancelled"), 0),
}


class Scripted(Protocol):
    """A worker that answers what it was told to."""

    url: str
    script: dict[str, list[tuple[int, object]]]
    asked: list[str]


@pytest.fixture(name="dedupe")
def _dedupe(scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("DEDUPE_URL", scripted.url)
    return lambda *arguments: main(arguments)


def test_run_says_which_job_it_is(
    dedupe: Callable[..., int], scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted.script[CREATE] = [CREATED]

    assert dedupe("run", "--report", "84") == 0

    assert capsys.readouterr().out == "job 7: pending\n"


@pytest.mark.parametrize(
    ("ended", "code", "said"),
    [
        ({"status": "completed", "exitCode": 0}, 0, "job 7: completed\n"),
        (
            {"status": "failed", "exitCode": 3, "stderr": "one\ntwo\n"},
            1,
            "job 7: failed, exit code 3\n  | one\n  | two\n",
        ),
        ({"status": "failed", "error": "no interpreter"}, 1, "job 7: failed: no interpreter\n"),
        ({"status": "cancelled", "exitCode": -15}, 1, "job 7: cancelled, exit code -15\n"),
    ],
    ids=lambda value: value["status"] if isinstance(value, dict) else "",
)
def test_run_and_wait_shows_each_status_and_how_it_ended(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    capsys: pytest.CaptureFixture[str],
    ended: dict[str, Any],
    code: int,
    said: str,
) -> None:
    scripted.script = {
        CREATE: [CREATED],
        DETAIL: [(200, job("pending")), (200, job("running")), (200, job(**ended))],
    }

    assert dedupe("run", "--report", "84", "--wait") == code

    assert capsys.readouterr() == (said, "job 7: pending\njob 7: running\n")


def test_json_is_the_answer_and_nothing_else(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = job("completed", exitCode=0, stdout="done\n", stderr="")
    scripted.script = {CREATE: [CREATED], DETAIL: [(200, ended)]}

    assert dedupe("run", "--report", "84", "--wait", "--json") == 0

    assert json.loads(capsys.readouterr().out) == ended


def test_status_shows_all_that_is_known(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started = job("failed", reportId=84, startedAt="2026-01-31T09:30:00.000000+00:00")
    ended = {**started, "completedAt": "2026-01-31T09:30:01.500000+00:00", "exitCode": 1}
    scripted.script[DETAIL] = [(200, ended)]

    assert dedupe("status", "7") == 1

    out = capsys.readouterr().out
    assert out.startswith("job 7: failed\n  report     84\n")
    assert "  seconds    1.5\n  exit code  1\n" in out


def test_a_running_job_is_no_failure(
    dedupe: Callable[..., int], scripted: Scripted, job: MakeJob
) -> None:
    scripted.script[DETAIL] = [(200, job("running"))]

    assert dedupe("status", "7") == 0


def test_waiting_too_long_says_how_to_ask_again(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scripted.script[DETAIL] = [(200, job("running"))]

    assert dedupe("status", "7", "--wait", "--timeout", "0.1") == 3

    said = capsys.readouterr().err
    assert "job 7 had not ended after 0.1 s: it is running" in said
    assert f"`dedupe status 7 --wait --url {scripted.url}`" in said


def test_ctrl_c_says_that_the_job_goes_on(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    mocker: MockerFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    scripted.script = {CREATE: [CREATED], DETAIL: [(200, job("running"))]}
    mocker.patch(
        "worker_python_client.waiting.time.sleep",
        side_effect=lambda _: signal.raise_signal(signal.SIGINT),
    )

    assert dedupe("run", "--report", "84", "--wait") == 130

    said = capsys.readouterr().err
    assert "job 7 goes on; wait for it again with `dedupe status 7 --wait" in said
    assert "stop it with `dedupe cancel 7" in said


def test_ctrl_c_before_the_answer_points_to_the_list(
    dedupe: Callable[..., int], mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch("worker_python_client.client.WorkerClient.create", side_effect=KeyboardInterrupt)

    assert dedupe("run") == 130

    assert "`dedupe list`" in capsys.readouterr().err


def test_cancel_tells_and_refuses(
    dedupe: Callable[..., int], scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    cancelled = {"jobId": 7, "status": "cancelled", "message": "Job cancelled successfully"}
    ended = {"error": "Cannot cancel job with status: cancelled"}
    scripted.script["POST /deduper/jobs/7/cancel"] = [(200, cancelled), (400, ended)]

    assert dedupe("cancel", "7") == 0
    assert dedupe("cancel", "7") == 2

    told = capsys.readouterr()
    assert told.out == "job 7: cancelled\n"
    assert told.err == f"dedupe: job 7 cannot be cancelled: {ended['error']}\n"


def test_list_has_a_line_a_job_and_says_what_is_missing(
    dedupe: Callable[..., int],
    scripted: Scripted,
    job: MakeJob,
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = {"jobs": [job("completed"), job("running")], "partial": True}
    scripted.script["GET /deduper/jobs/list"] = [(200, {"jobs": []}), (200, listed)]

    assert dedupe("list") == 0
    assert capsys.readouterr().out == "no jobs\n"
    assert dedupe("list") == 0

    first, second, rest = capsys.readouterr().out.splitlines()
    assert (first.split()[:2], second.split()[:2]) == (["7", "completed"], ["7", "running"])
    assert "its part is missing" in rest


def test_health_names_what_is_lacking(
    dedupe: Callable[..., int], scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {"deduper_path_configured": True, "python_venv_configured": False}
    ill = {
        **HEALTH,
        "status": "unhealthy",
        "environment": {**environment, "deduper_path_exists": False},
        "worker": {"active_jobs": 0, "queue_age_seconds": 0.0, "store_writable": False},
    }
    scripted.script["GET /deduper/health"] = [(200, HEALTH), (200, ill)]

    assert dedupe("health") == 0
    assert capsys.readouterr().out.startswith("healthy; jobs: 0 total, 0 pending")
    assert dedupe("health") == 1

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  PATH_TO_PYTHON_VENV is not set",
        "  the deduper's folder does not exist",
        "  the job store cannot be written",
    ]


def test_clear_has_to_be_confirmed_and_shows_what_was_said(
    dedupe: Callable[..., int], scripted: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    moment = HEALTH["timestamp"]
    done = {"cleared": True, "cancelledJobs": [3], "exitCode": 0, "stdout": "12 rows\n"}
    failed = {"cleared": False, "error": "Clear table command failed", "stderr": "locked\n"}
    scripted.script["DELETE /deduper/clear-db-table"] = [
        (200, {**done, "stderr": "", "timestamp": moment}),
        (500, failed),
    ]

    with pytest.raises(SystemExit, match="2"):
        dedupe("clear")
    assert scripted.asked == []
    assert "--yes" in capsys.readouterr().err
    assert dedupe("clear", "--yes") == 0
    assert capsys.readouterr().out == "cleared; jobs cancelled: 3\n12 rows\n"
    assert dedupe("clear", "--yes") == 1
    assert capsys.readouterr().err.endswith("failed: Clear table command failed\n  | locked\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["status", "8"],
        ["status", "-1"],
        ["list", "--url", "http://127.0.0.1:1"],
        ["list", "--url", "worker"],
        ["health"],
    ],
    ids=["an odd answer", "a negative id", "nobody there", "no url", "another service"],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    dedupe: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert dedupe(*arguments) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("dedupe: ")
    assert told.err.count("\n") == 1
