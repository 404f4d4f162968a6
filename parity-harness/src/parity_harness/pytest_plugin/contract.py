"""A contract as tests use it: synchronous, its apps started when the first test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from parity_harness.compare.causes import group
from parity_harness.compare.judge import judge
from parity_harness.config import Config
from parity_harness.files.recording import Recording
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.divergence import Divergence
from parity_harness.model.verdict import Report
from parity_harness.session import Session

T = TypeVar("T")


class BrokenContractError(AssertionError):
    """Both sides differ in a way that nobody decided on; the message shows how."""


class Contract:
    """Both sides of one configuration."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._runner = asyncio.Runner()
        self._session: Session | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every declared scenario."""
        return self._started().scenarios

    def agrees(self, *steps: Step) -> None:
        """Send steps to both sides, from a fresh state.

        Raises:
            BrokenContractError: they answer differently.
            TargetError: a side cannot be run.
        """
        self.check(Scenario("steps of a test", steps))

    def check(self, scenario: Scenario) -> None:
        """Play a scenario; raises as `agrees` does."""
        session = self._started()
        found = self._run(session.play(scenario))
        self._judge(found)

    def probe(self) -> Report:
        """Do a run without configuration; raises as `agrees` does."""
        session = self._started()
        before = set(session.findings.sightings)
        self._run(session.probe())
        self._run(session.verify())
        found = [each.divergence for key, each in session.findings.sightings.items()
                 if key not in before]  # fmt: skip
        self._judge(found)
        return session.report()

    def check_decisions(self) -> None:
        """Hold the decisions against all that was found so far; call it last.

        Raises:
            BrokenContractError: one is stale or past its date.
        """
        session = self._started()
        session.is_complete = True
        judgement = session.report().judgement
        lines = [f"{each.source}:{each.line}: stale, it matched nothing: {each.reason}"
                 for each in judgement.stale]  # fmt: skip
        lines += [f"{each.source}:{each.line}: expired on {each.expires}: {each.reason}"
                  for each in judgement.expired]  # fmt: skip
        if lines:
            raise BrokenContractError("\n".join(lines))

    def recording(self, scenario: Scenario, *, of: str = "baseline") -> Recording:
        """Play a scenario on one side (`baseline` or `candidate`) and return what it answered."""
        side = ("baseline", "candidate").index(of)
        return self._run(self._started().record_scenarios((scenario,), side=side))

    def close(self) -> None:
        """End both sides."""
        if self._session:
            self._run(self._session.__aexit__(None, None, None))
            self._session = None
        self._runner.close()

    def _started(self) -> Session:
        if not self._session:
            session = Session(self.config)
            self._run(session.__aenter__())
            self._session = session
            self._run(session.prepare())
        return self._session

    def _judge(self, found: Sequence[Divergence]) -> None:
        decisions = self._started().decisions
        today = datetime.now(UTC).date()
        judgement = judge(group(found), decisions, today, complete=False)
        if judgement.open:
            raise BrokenContractError(_told(judgement.open))

    def _run(self, action: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(action)


def _told(found: Sequence[Divergence]) -> str:
    lines = []
    for each in found:
        trap = f"  [{each.trap}: parity explain {each.trap}]" if each.trap else ""
        lines.append(
            f"{each.method} {each.route} ({each.purpose}) {each.path}:"
            f" {each.baseline} → {each.candidate}{trap}  #{each.fingerprint}"
        )
    shown = next((each.reproduction for each in found if each.reproduction), "")
    return "\n".join((*lines, *(["", shown] if shown else [])))
