"""Each trap of the catalogue as printed: the divergence, its name, and that its cure removes it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parity_harness.compare.diff import compare
from parity_harness.compare.rules import HOP_BY_HOP, Rules
from parity_harness.discovery.traps import CATALOGUE, Trap, explain
from parity_harness.discovery.traps.explaining import UNRECOGNISED
from parity_harness.model.divergence import Divergence, Strictness
from parity_harness.model.exchange import Exchange
from parity_harness.targets.in_process.asgi import AsgiTarget
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.in_process.wsgi import WsgiTarget
from parity_harness.targets.making import Over, Side, make
from parity_harness.targets.spec import TargetSpec, parse

IN_PROCESS = [trap for trap in CATALOGUE.values() if not trap.mode]
IN_2023 = 1_700_000_000


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    with Watchdog(20) as watchdog:
        yield watchdog


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the apps of the catalogue serve."""
    (tmp_path / "static").mkdir()
    for path in (tmp_path / "note.txt", tmp_path / "static" / "a.txt"):
        path.write_text("alpha beta gamma\n" * 4)
        os.utime(path, (IN_2023, IN_2023))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("trap", IN_PROCESS, ids=lambda trap: trap.id)
async def test_a_trap_shows_and_its_cure_removes_it(
    trap: Trap, folder: Path, watchdog: Watchdog
) -> None:
    for module in trap.requires:
        pytest.importorskip(module)
    flask = await answers(trap, "wsgi", trap.baseline, folder / "legacy.py", watchdog)
    naive = await answers(trap, "asgi", trap.candidate, folder / "ported.py", watchdog)
    cured = await answers(trap, "asgi", trap.cure, folder / "cured.py", watchdog)

    for baseline, candidate, mended in zip(flask, naive, cured, strict=True):
        shown = differences(trap, baseline, candidate)
        names = {explain(each, baseline, candidate) for each in shown}
        assert shown, baseline.probe
        assert names == {None if trap.id in UNRECOGNISED else trap.id}, shown
        assert differences(trap, baseline, mended) == (), baseline.probe


async def test_no_trap_is_seen_where_a_flask_app_is_compared_with_itself(
    folder: Path, watchdog: Watchdog
) -> None:
    for trap in IN_PROCESS:
        one = await answers(trap, "wsgi", trap.baseline, folder / "one.py", watchdog)
        two = await answers(trap, "wsgi", trap.baseline, folder / "one.py", watchdog)

        assert [differences(trap, *pair) for pair in zip(one, two, strict=True)] == [()] * len(one)


async def answers(
    trap: Trap, kind: str, code: str, file: Path, watchdog: Watchdog
) -> list[Exchange]:
    spec = written(kind, code, file)
    target = (WsgiTarget if kind == "wsgi" else AsgiTarget)(spec, watchdog)
    try:
        await target.start({})
        return [Exchange(probe, await target.send(probe)) for probe in trap.requests]
    finally:
        await target.close()


def written(kind: str, code: str, file: Path) -> TargetSpec:
    file.write_text(code, encoding="utf-8")
    return parse(f"{kind}:{file}:app")


def differences(trap: Trap, one: Exchange, other: Exchange) -> tuple[Divergence, ...]:
    return compare(one, other, Rules(), trap.strictness)


async def test_an_unknown_method_is_refused_by_the_parser_of_the_server(
    folder: Path, watchdog: Watchdog
) -> None:
    pytest.importorskip("httptools")  # uvicorn's other parser, h11, takes any method
    trap = CATALOGUE["FF26"]
    flask = await over_network(trap, "wsgi", trap.baseline, folder / "legacy.py", watchdog)
    naive = await over_network(trap, "asgi", trap.candidate, folder / "ported.py", watchdog)

    (status, *_) = compare(flask, naive, Rules(), Strictness.VALUES)

    assert (flask.response.status, naive.response.status) == (405, 400)
    assert explain(status, flask, naive) == "FF26"


async def test_reason_phrases_and_the_server_header_are_the_servers(
    folder: Path, watchdog: Watchdog
) -> None:
    trap = CATALOGUE["FF27"]
    flask = await over_network(trap, "wsgi", trap.baseline, folder / "legacy.py", watchdog)
    naive = await over_network(trap, "asgi", trap.candidate, folder / "ported.py", watchdog)

    found = compare(flask, naive, Rules(), Strictness.BYTES)

    assert flask.response.header("server") != naive.response.header("server")
    assert "server" in HOP_BY_HOP
    assert "FF27" in {explain(each, flask, naive) for each in found}


async def over_network(
    trap: Trap, kind: str, code: str, file: Path, watchdog: Watchdog
) -> Exchange:
    target = make(Side(written(kind, code, file)), Over.NETWORK, watchdog)
    try:
        await target.start({})
        return Exchange(trap.requests[0], await target.send(trap.requests[0]))
    finally:
        await target.close()


@pytest.mark.parametrize(("app", "is_released"), [("candidate", False), ("cure", True)])
async def test_a_blocking_coroutine_stops_the_request_that_would_release_it(
    app: str, *, is_released: bool
) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    exec(getattr(CATALOGUE["FF28"], app), names)  # noqa: S102  # the code of the page, as printed
    transport = httpx.ASGITransport(app=names["app"])  # type: ignore[arg-type]  # out of exec
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer, _ = await asyncio.gather(client.get("/wait"), client.get("/release"))

    assert answer.json() == {"released": is_released}


def test_flask_blocks_one_thread_only() -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    exec(CATALOGUE["FF28"].baseline, names)  # noqa: S102  # the code of the page, as printed
    client = names["app"].test_client  # type: ignore[attr-defined]  # out of exec
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(client().get("/wait").json))
    thread.start()

    client().get("/release")
    thread.join()

    assert answers == [{"released": True}]
