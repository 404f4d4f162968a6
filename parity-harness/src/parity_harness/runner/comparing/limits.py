"""Compares rate limits on purpose, where probing ran into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity_harness.model.contract import Step
from parity_harness.model.exchange import Evidence, Probe
from parity_harness.runner.asking.sides import Sides
from parity_harness.runner.comparing.findings import Findings, Sighting

_TOO_MANY = 429
_MOST = 150  # requests, after which the limit is taken to be another one than this route's


async def compare_limits(limited: Iterable[Probe], sides: Sides, findings: Findings) -> None:
    """Repeat each probe from a fresh state, until either side has enough of it."""
    for probe in limited:
        await sides.fresh({})
        findings.fresh_state()
        await _until_limited(replace(probe, purpose="repeated until limited"), sides, findings)


async def _until_limited(probe: Probe, sides: Sides, findings: Findings) -> None:
    for count in range(1, _MOST + 1):
        baseline, candidate = await sides.ask(probe)
        steps = (Step(probe),) * count
        evidence = Evidence(baseline, candidate)
        found = findings.judge(baseline, candidate)
        findings.keep(Sighting(each, evidence, steps) for each in found)
        if _TOO_MANY in (baseline.response.status, candidate.response.status):
            return
