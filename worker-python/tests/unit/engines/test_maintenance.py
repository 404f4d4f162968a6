"""The command of a quiet period, where the executor has a defect."""

from __future__ import annotations

import pytest

from worker_python.engines.local.quiet import Quiet
from worker_python.engines.testing import ScriptedAttempt, ScriptedExecutor, VirtualClock
from worker_python.jobs.attempt import Command


class BreaksUnderAnAttempt(ScriptedExecutor):
    async def start(self, command: Command, *, marker: str) -> ScriptedAttempt:
        await super().start(command, marker=marker)
        raise OSError("too many open files")


async def test_what_a_defect_left_running_is_taken_down_before_jobs_may_start() -> None:
    executor = BreaksUnderAnAttempt(VirtualClock())

    with pytest.raises(OSError, match="too many open files"):
        await Quiet(executor, "maintenance", ()).run(Command(("deduper", "clear_table")))

    assert len(executor.started) == 1
    assert executor.alive == []
