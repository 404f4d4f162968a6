"""Apps that are alike raise no alarm: each against itself, and each with a port that is equal.

`benchmarks/harness_false_alarms.py` does the same a hundred times with as many seeds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parity_harness.config import of_targets
from parity_harness.model.verdict import Verdict
from parity_harness.session import Session

APPS = Path(__file__).parent.parent / "apps"
TWINS = ("crud", "files", "members", "ledger")
OTHERS = ("wsgi:{}_flask:create_app()", "asgi:{}_fastapi:create_app()")


@pytest.mark.parametrize("other", OTHERS, ids=("itself", "its port"))
@pytest.mark.parametrize("twin", TWINS)
async def test_alike_apps_raise_no_alarm(twin: str, other: str) -> None:
    config = of_targets(OTHERS[0].format(twin), other.format(twin), APPS)
    async with Session(replace(config, seed=7)) as session:
        report = await session.run()
    assert report.judgement.open == ()
    assert report.judgement.verdict is Verdict.KEPT
    assert report.counts["exchanges"] > 400
