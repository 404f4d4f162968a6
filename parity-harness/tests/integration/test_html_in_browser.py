"""The HTML report in a real browser: filters with JavaScript, complete without, fits a phone."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.exchange import Evidence, Exchange, Probe, Response
from parity_harness.model.verdict import Judgement, Report, RouteCoverage
from parity_harness.reporters.html import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
PIPES_AT_3_AND_4 = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
HOSTILE = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.timeout(90),
]


class Browser:
    """Speaks the DevTools protocol over a pipe: one JSON message, then a zero byte."""

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self._commands, self._answers = commands, answers
        self._number = 0
        self._session: str | None = None

    def attach(self) -> None:
        """Open a page; later commands go to it."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.send("Page.enable")

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command and return its result; events in between are passed over."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        self._commands.write(json.dumps(command).encode() + b"\0")
        self._commands.flush()
        while (answer := self._read()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def visit(self, page: Path, *, script: bool = True, width: int = 1200) -> None:
        """Show a file until it has loaded."""
        self.send("Emulation.setScriptExecutionDisabled", value=not script)
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.send("Page.navigate", url=page.as_uri())
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def ask(self, expression: str) -> Any:  # noqa: ANN401  (whatever the page says)
        """Return the value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has gone"
            text += byte
        message: dict[str, Any] = json.loads(text)
        return message


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert CHROMIUM is not None
    profile = tmp_path_factory.mktemp("profile")
    log = (profile / "chromium.log").open("wb")
    commands_out, commands_in = (_high(end) for end in os.pipe())
    answers_out, answers_in = (_high(end) for end in os.pipe())
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", PIPES_AT_3_AND_4, str(commands_out), str(answers_in)),
            *(CHROMIUM, *FLAGS, f"--user-data-dir={profile / 'data'}"),
        ],
        pass_fds=(commands_out, answers_in),
        stdout=log,
        stderr=log,
    )
    os.close(commands_out)
    os.close(answers_in)
    with log, os.fdopen(commands_in, "wb") as commands, os.fdopen(answers_out, "rb") as answers:
        chromium = Browser(commands, answers)
        try:
            chromium.attach()
            yield chromium
        finally:
            process.terminate()
            process.wait(timeout=20)


def _high(descriptor: int) -> int:
    """Move a descriptor out of the way of 3 and 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100)
    os.close(descriptor)
    return moved


def _found(method: str, route: str, severity: Severity, cause: str) -> Divergence:
    return Divergence(
        Kind.VALUE, severity, method, route, "body:/name", '"Ada"', HOSTILE, "happy path",
        cause=cause,
    )  # fmt: skip


FOUND = (
    _found("GET", "/people/{id}", Severity.MAJOR, "name: another text"),
    _found("GET", "/people", Severity.MAJOR, "name: another text"),
    _found("POST", "/orders", Severity.CRITICAL, "status 201 → 200"),
    _found("GET", "/a/route/with/a/rather/long/template/{identifier}/inside", Severity.COSMETIC,
           "a_key_that_nobody_would_break_into_two_lines_if_it_were_not_for_narrow_screens"),
)  # fmt: skip


MANY = tuple(replace(FOUND[0], purpose=f"id {number}", cause="seen often") for number in range(9))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _page(FOUND, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def long_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _page(MANY, tmp_path_factory.mktemp("report"))


def _page(found: tuple[Divergence, ...], folder: Path) -> Path:
    probe = Probe("GET", "/people/1", route="/people/{id}")
    answers = [Response(200, (("X-Token", "t" * 300),), body)
               for body in (b'{"name": "Ada"}', HOSTILE.encode())]  # fmt: skip
    evidence = Evidence(*(Exchange(probe, each) for each in answers))
    report = Report(
        "wsgi:legacy.app:app",
        "asgi:new.main:app",
        Judgement(found),
        coverage=(RouteCoverage("/people", ("GET",), (200,)),),
        evidence={each.fingerprint: evidence for each in found},
    )
    file = folder / "report.html"
    file.write_text(render(report), encoding="utf-8")
    return file


VISIBLE = "[...document.querySelectorAll('.divergence')].filter(e => e.checkVisibility()).length"
CAUSES = "[...document.querySelectorAll('.cause')].filter(e => e.checkVisibility()).length"


def _set(name: str, value: str) -> str:
    field = f"document.querySelector('.filters').elements['{name}']"
    return (
        f"{field}.value = '{value}'; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    )


def test_text_route_and_severity_filter_what_is_shown(browser: Browser, page: Path) -> None:
    browser.visit(page)
    assert browser.ask(VISIBLE) == 4

    browser.ask(_set("text", "/ORDERS"))
    assert (browser.ask(VISIBLE), browser.ask(CAUSES)) == (1, 1)
    assert browser.ask("document.querySelector('.filters output').textContent") == "1 of 4 shown"

    browser.ask(_set("text", "") + ";" + _set("route", "/people"))
    assert browser.ask(VISIBLE) == 1

    browser.ask(_set("route", ""))
    browser.ask("document.querySelector('input[value=major]').click()")
    assert (browser.ask(VISIBLE), browser.ask(CAUSES)) == (2, 2)

    browser.ask(_set("state", "decided"))
    assert browser.ask(VISIBLE) == 0


def test_a_route_of_the_matrix_picks_its_divergences(browser: Browser, page: Path) -> None:
    browser.visit(page)

    browser.ask("document.querySelector('[data-pick=\"/orders\"]').click()")

    assert browser.ask(VISIBLE) == 1
    assert browser.ask("location.hash") == "#causes"


def test_what_is_alike_is_folded_until_it_is_looked_for(browser: Browser, long_page: Path) -> None:
    browser.visit(long_page)
    assert browser.ask(VISIBLE) == 4

    browser.ask(_set("text", "id 8"))
    assert browser.ask(VISIBLE) == 1

    browser.ask(_set("text", ""))
    assert browser.ask(VISIBLE) == 4


def test_without_javascript_all_is_there_and_no_dead_control_is(
    browser: Browser, page: Path
) -> None:
    browser.visit(page, script=False)

    assert browser.ask(VISIBLE) == 4
    assert browser.ask("document.querySelector('.filters').offsetHeight") == 0
    browser.ask("document.querySelector('.divergence').open = true")
    assert browser.ask("document.querySelector('.divergence .pane').offsetHeight") > 0


def test_a_hostile_body_is_only_text(browser: Browser, page: Path) -> None:
    browser.visit(page)

    assert browser.ask("document.title") == "Parity: broken"
    assert browser.ask("document.querySelectorAll('img').length") == 0
    assert "<script>" in browser.ask("document.querySelector('.is').textContent")


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_nothing_sticks_out_of_the_screen(browser: Browser, page: Path, width: int) -> None:
    browser.visit(page, width=width)
    browser.ask("document.querySelectorAll('details').forEach(e => e.open = true)")

    assert browser.ask("document.documentElement.scrollWidth") <= width


def test_the_browser_complains_of_nothing(browser: Browser, page: Path) -> None:
    browser.send("Log.enable")
    browser.visit(page)

    assert browser.ask("document.querySelector('h1').offsetHeight") > 0
    assert (
        browser.ask("getComputedStyle(document.querySelector('.cause')).borderLeftWidth") == "4px"
    )
    assert browser.ask("performance.getEntriesByType('resource').length") == 0
