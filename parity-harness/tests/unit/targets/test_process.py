from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from parity_harness.errors import TargetError
from parity_harness.model.exchange import Probe
from parity_harness.targets.network.process import ProcessTarget

SERVER = """
import http.server, os, subprocess, sys
count = 0
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        global count
        count += 1
        if self.path == "/die":
            print("out of memory", flush=True)
            os._exit(9)
        answers = {"/count": count, "/data": os.environ.get("DATA"), "/pid": os.getpid()}
        body = str(answers.get(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
if sys.argv[1:]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(sys.argv[1], "w").write(str(child.pid))
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""

Run = Callable[..., Awaitable[ProcessTarget]]


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    started: list[ProcessTarget] = []

    async def begin(source: str, *words: str, **environment: str) -> ProcessTarget:
        script = tmp_path / "server.py"
        script.write_text(source)
        command = (sys.executable, str(script), *words)
        target = ProcessTarget("cmd:server", command, 5, environment)
        started.append(target)
        await target.start({})
        return target

    yield begin
    for target in started:
        await target.close()


async def ask(target: ProcessTarget, path: str) -> str:
    return (await target.send(Probe("GET", path))).body.decode()


async def test_a_fresh_state_is_a_new_process_with_an_empty_folder(run: Run) -> None:
    target = await run(SERVER, DATA="{tmp}")
    first = [await ask(target, path) for path in ("/pid", "/data", "/count")]
    assert target.expand("{tmp}") == first[1]
    await target.reset()
    second = [await ask(target, path) for path in ("/pid", "/data", "/count")]

    assert first[2] == second[2] == "3"
    assert first[:2] != second[:2]


async def test_a_process_that_dies_while_it_answers_cannot_run(run: Run) -> None:
    target = await run(SERVER)

    with pytest.raises(TargetError, match="ended while it answered GET /die") as caught:
        await target.send(Probe("GET", "/die"))
    assert caught.value.output == "out of memory\n"


async def test_a_process_that_does_not_start_shows_its_output(run: Run) -> None:
    with pytest.raises(TargetError, match="it ended before it listened") as caught:
        await run("raise SystemExit('set DATABASE_URL')")
    assert caught.value.output == "set DATABASE_URL\n"


async def test_a_process_that_never_listens_cannot_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parity_harness.targets.network.process._STARTUP_SECONDS", 0.3)

    with pytest.raises(TargetError, match="did not listen on port"):
        await run("import time; time.sleep(600)")


async def test_a_command_that_is_not_there_cannot_run() -> None:
    with pytest.raises(TargetError, match="cannot be started"):
        await ProcessTarget("cmd:x", ("/nowhere/at/all",), 1).start({})


async def test_what_the_process_started_ends_with_it(run: Run, tmp_path: Path) -> None:
    target = await run(SERVER, str(tmp_path / "pid"))
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    await target.close()

    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


async def test_nothing_is_sent_before_the_start() -> None:
    with pytest.raises(TargetError, match="was not started"):
        await ProcessTarget("cmd:x", ("x",), 1).send(Probe("GET", "/"))
