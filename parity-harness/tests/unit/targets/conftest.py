"""Small apps, written to disk and started as users start theirs."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.making import Over, Side, make
from parity_harness.targets.protocol import Target
from parity_harness.targets.spec import parse

WriteModule = Callable[[str, str], Path]
Start = Callable[..., Awaitable[Target]]


@pytest.fixture
def write_module(tmp_path: Path) -> WriteModule:
    def write(name: str, source: str) -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(source))
        return path

    return write


@pytest.fixture
async def start(write_module: WriteModule, watchdog: Watchdog) -> AsyncIterator[Start]:
    """Start `source` as an app of a kind; everything is closed in the end."""
    started: list[Target] = []

    async def begin(kind: str, source: str, **side: object) -> Target:
        path = write_module(f"{kind}_app{len(started)}", source)
        spec = parse(f"{kind}:{path.parent}/{path.stem}:app")
        target = make(Side(spec, **side), Over.PROCESS, watchdog)  # type: ignore[arg-type]  # as given
        await target.start({})
        started.append(target)
        return target

    yield begin
    for target in started:
        await target.close()
