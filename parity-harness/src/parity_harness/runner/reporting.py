"""Puts a report together from what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from parity_harness.compare.causes import group
from parity_harness.compare.judge import judge
from parity_harness.discovery.traps import CATALOGUE
from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence, Kind, Severity
from parity_harness.model.verdict import Latency, Report, TrapNote
from parity_harness.runner.comparing.findings import Findings
from parity_harness.runner.preparing.preparation import Prepared


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a report says of its run. `latency_ratio` above 0 fails routes that are slower."""

    baseline: str
    candidate: str
    seed: int = 0
    seconds: float = 0.0
    is_complete: bool = True
    is_interrupted: bool = False
    latency_ratio: float = 0.0
    ignored: Mapping[str, str] = field(default_factory=dict)


def made_report(
    findings: Findings, prepared: Prepared, decisions: Sequence[Decision], told: Circumstances
) -> Report:
    """Return the report of what was done so far."""
    latency = findings.tally.latency()
    slow = _slow(latency, told.latency_ratio)
    found = group((*(each.divergence for each in findings.sightings.values()), *slow))
    today = datetime.now(UTC)
    return Report(
        baseline=told.baseline,
        candidate=told.candidate,
        judgement=judge(found, decisions, today.date(), complete=told.is_complete),
        coverage=findings.tally.coverage(prepared.matched, told.ignored),
        noise=findings.rules.noise,
        latency=latency,
        counts=_counts(findings, prepared, found),
        seed=told.seed,
        seconds=told.seconds,
        interrupted=told.is_interrupted,
        notes=tuple(findings.notes),
        evidence={key: each.evidence for key, each in findings.sightings.items()},
        traps=_trap_notes(found),
        finished=today,
    )


def _slow(latency: Iterable[Latency], ratio: float) -> list[Divergence]:
    return [
        Divergence(
            kind=Kind.LATENCY,
            severity=Severity.MAJOR,
            method="*",
            route=each.route,
            path="latency:median",
            baseline=f"{each.baseline_median * 1000:.2f} ms",
            candidate=f"{each.candidate_median * 1000:.2f} ms",
            purpose=f"at most {ratio:g} times as slow",
        )
        for each in latency
        if ratio and each.candidate_median > ratio * each.baseline_median
    ]


def _counts(findings: Findings, prepared: Prepared, found: Sequence[Divergence]) -> dict[str, int]:
    return {
        "routes": len(prepared.matched.routes),
        "probes": len(prepared.probes),
        **findings.tally.counts,
        "divergences": len(found),
        "causes": len({each.cause for each in found}),
    }


def _trap_notes(found: Iterable[Divergence]) -> dict[str, TrapNote]:
    named = sorted({each.trap for each in found if each.trap} & CATALOGUE.keys())
    return {
        trap: TrapNote(CATALOGUE[trap].title, CATALOGUE[trap].cure, CATALOGUE[trap].client_view)
        for trap in named
    }
