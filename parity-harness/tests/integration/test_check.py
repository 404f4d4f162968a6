from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

Parity = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, str], Path]
PAIR = ("--baseline", "wsgi:legacy:app", "--candidate", "asgi:port:app")
ITSELF = ("--baseline", "wsgi:legacy:app", "--candidate", "wsgi:legacy:app")


def test_two_targets_are_enough_to_find_what_differs(parity: Parity, folder: Path) -> None:
    reports = {
        name: folder / f"out.{name}" for name in ("html", "json", "junit", "sarif", "markdown")
    }
    words = (word for name, path in reports.items() for word in (f"--{name}", str(path)))
    ended = parity("check", *PAIR, *words)
    found = json.loads(reports["json"].read_text())
    statuses = {(each["method"], each["route"], each["baseline"], each["candidate"])
                for each in found["divergences"] if each["kind"] == "status"}  # fmt: skip

    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.startswith("BROKEN")
    assert {("POST", "/items", "201", "200"), ("HEAD", "/items", "200", "405")} <= statuses
    assert found["verdict"] == "broken"
    assert all(each["reproduction"].count("curl -si") >= 2 for each in found["divergences"])
    assert {each["trap"] for each in found["divergences"]} > {"FF02", "FF09"}
    assert all(path.stat().st_size > 500 for path in reports.values())
    assert "learning noise: " in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_an_app_against_itself_is_kept(parity: Parity) -> None:
    ended = parity("check", *ITSELF, "--quiet")

    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.startswith("KEPT")
    assert ended.stderr == ""


def test_over_the_network_the_same_is_found(parity: Parity, folder: Path, write: Write) -> None:
    write("legacy.py", "from flask import Flask\napp = Flask(__name__)\n"
          "app.post('/items')(lambda: ({}, 201))")  # fmt: skip
    write("port.py", "from fastapi import FastAPI\napp = FastAPI()\n"
          "app.post('/items')(lambda: {})")  # fmt: skip
    ended = parity("check", *PAIR, "--over", "network", "--json", "out.json")
    found = json.loads((folder / "out.json").read_text())["divergences"]

    assert ended.returncode == 1, ended.stderr
    assert ("POST", "/items", "201") in {
        (each["method"], each["route"], each["baseline"]) for each in found
    }


@pytest.mark.parametrize(
    ("port", "told"),
    [
        ("raise RuntimeError('no database')", "RuntimeError: no database"),
        ("app = 1; raise SystemExit('set DATABASE_URL')", "SystemExit: set DATABASE_URL"),
        (
            """
            from fastapi import FastAPI
            async def lifespan(app):
                raise OSError("refused")
                yield
            app = FastAPI(lifespan=lifespan)
            """,
            "OSError: refused",
        ),
    ],
)
def test_a_candidate_that_does_not_start_cannot_run(
    parity_here: Parity, write: Write, port: str, told: str
) -> None:
    write("port.py", port)
    ended = parity_here("check", *PAIR, "--quiet")

    assert ended.returncode == 2
    assert ended.stderr.startswith("parity: cannot run: asgi:port:app")
    assert told in ended.stderr
    assert ended.stdout == ""


def test_a_candidate_that_dies_cannot_run(parity: Parity, write: Write) -> None:
    write("port.py", "import sys\nprint('out of memory')\nsys.exit(3)")
    ended = parity("check", *PAIR, "--quiet", "--over", "network")

    assert ended.returncode == 2
    assert "cannot run" in ended.stderr
    assert "  | out of memory" in ended.stderr


@pytest.mark.parametrize(
    ("over", "stuck"),
    [
        ("process", "time.sleep(600)"),
        ("process", "await endless(send)"),
        ("network", "await endless(send)"),
    ],
)
def test_a_candidate_that_comes_to_no_end_cannot_run(
    parity: Parity, write: Write, over: str, stuck: str
) -> None:
    write("port.py", f"""
        import time
        async def endless(send):
            await send({{"type": "http.response.start", "status": 200, "headers": []}})
            while True:
                await send({{"type": "http.response.body", "body": b"more", "more_body": True}})
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            {stuck}
    """)  # fmt: skip
    ended = parity("check", *PAIR, "--quiet", "--timeout", "0.2", "--over", over)

    assert ended.returncode == 2
    assert "asgi:port:app hangs: no complete answer within 0.2 s, 3 times in a row" in ended.stderr


def test_a_budget_that_is_spent_before_anything_was_compared_is_no_verdict(
    parity_here: Parity,
) -> None:
    ended = parity_here("check", *PAIR, "--quiet", "--budget", "0.01")

    assert ended.returncode == 2
    assert "the budget ended before anything was compared" in ended.stderr


def test_a_run_that_is_terminated_leaves_no_server_behind(folder: Path) -> None:
    words = ("check", *PAIR, "--over", "network")
    command = [sys.executable, "-m", "parity_harness", *words]
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("learning noise: "):
            pass
        servers = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.communicate(timeout=60)

    assert servers
    assert psutil.wait_procs(servers, timeout=5)[1] == []
    assert process.returncode == 2


@pytest.mark.parametrize(
    ("phase", "pause", "told"),
    [
        ("probes: ", 1, "interrupted: this is what was found until then"),
        ("learning noise: ", 0, "cannot run: interrupted before anything was compared"),
    ],
)
def test_ctrl_c_gives_the_report_of_what_was_done(
    folder: Path, write: Write, phase: str, pause: int, told: str
) -> None:
    write("slow.py", """
        import asyncio
        from port import app
        @app.middleware("http")
        async def slowly(request, answer):
            await asyncio.sleep(0.02)
            return await answer(request)
    """)  # fmt: skip
    words = ("check", "--baseline", "wsgi:legacy:app", "--candidate", "asgi:slow:app")
    command = [sys.executable, "-m", "parity_harness", *words]
    with subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(phase):
                break
        time.sleep(pause)  # of 264 slow probes some are answered by then
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=60)

    assert told in printed + complaints
    assert process.returncode in (1, 2)


def test_decisions_let_pass_what_they_speak_of_and_fail_when_stale(
    parity_here: Parity, write: Write
) -> None:
    write("port.py", "from legacy import app\napp.get('/live')(lambda: 'yes')")
    sides = ("--baseline", "wsgi:legacy:app", "--candidate", "wsgi:port:app")
    decision = """
        [[decision]]
        select = {{ {select} }}
        disposition = "accept"
        reason = "agreed with all callers"
        owner = "api team"
        expires = {expires}
    """
    everything = decision.format(select='route = "/live"', expires="2999-12-31")
    write("decisions.toml", everything)
    kept = parity_here("check", *sides, "--decisions", "decisions.toml", "--quiet")
    assert kept.returncode == 0, kept.stdout
    assert kept.stdout.startswith("KEPT WITH DECISIONS")

    unused = decision.format(select='trap = "FF99"', expires="2999-12-31")
    write("decisions.toml", everything + unused)
    stale = parity_here("check", *sides, "--decisions", "decisions.toml", "--quiet")
    assert stale.returncode == 1
    assert "decisions.toml:" in stale.stdout
    assert "matched nothing in this run" in stale.stdout

    write("decisions.toml", decision.format(select='route = "/live"', expires="2001-01-01"))
    expired = parity_here("check", *sides, "--decisions", "decisions.toml", "--quiet")
    assert expired.returncode == 1
    assert "expired" in expired.stdout


def test_a_seed_repeats_a_run(parity_here: Parity, folder: Path) -> None:
    for name in ("one.json", "two.json"):
        parity_here("check", *PAIR, "--seed", "5", "--json", name, "--quiet")
    found = [
        [each["fingerprint"] for each in json.loads((folder / name).read_text())["divergences"]]
        for name in ("one.json", "two.json")
    ]
    assert found[0] == found[1]
    assert len(found[0]) > 20
