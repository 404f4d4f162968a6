"""Sets the harness on mutants: a run without configuration each.

What a twin's baseline taught (probes, sequences, noise) is the same for all its mutants, and is
learned once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus import APPS, WORKER, Mutant, plant

from parity_harness.compare.judge import judge
from parity_harness.config import Config, load, of_targets
from parity_harness.discovery.inventory import Inventory, Matched, match, of_app
from parity_harness.events import DivergenceFound, Event
from parity_harness.model.cause import causes
from parity_harness.model.decision import Decision
from parity_harness.model.divergence import Divergence, Strictness
from parity_harness.model.verdict import Report
from parity_harness.runner.budget import Budget
from parity_harness.session import Session
from parity_harness.targets.in_process.loading import load_app
from parity_harness.targets.making import Side
from parity_harness.targets.spec import parse

DEDUPER = ("PATH_TO_PYTHON_VENV", "PATH_TO_MICROSERVICE_DEDUPER")

_baselines: dict[str, Inventory] = {}


@dataclass(frozen=True, slots=True)
class Hunt:
    """What a run showed of one mutant."""

    mutant: Mutant
    divergences: tuple[Divergence, ...]
    seconds: float

    @property
    def is_found(self) -> bool:
        """Tell whether the run would have failed."""
        return bool(self.divergences)

    @property
    def causes(self) -> Sequence[str]:
        """Name the causes it was reported under, worst first."""
        return [each.name for each in causes(self.divergences)]


def config_of(twin: str, candidate: str = "") -> Config:
    """Return what a user would write: two targets and nothing else; the port itself by default.

    For the worker, the contract's own file without its scenarios, and without a deduper: every
    job then fails at once, which is as much of a job as can be had without child processes.
    """
    if twin == "worker":
        return _of_worker(candidate or "asgi:worker_python.app:create_app()")
    port = candidate or f"asgi:{APPS}/{twin}_fastapi:create_app()"
    return of_targets(f"wsgi:{APPS}/{twin}_flask:create_app()", port, APPS)


def _of_worker(candidate: str) -> Config:
    config = load(WORKER / "tests" / "contracts" / "parity.toml")
    sides = [
        replace(side, environment={**side.environment, **dict.fromkeys(DEDUPER, "")})
        for side in (config.baseline, config.candidate)
    ]
    spec = parse(candidate)
    sides[1] = replace(sides[1], spec=replace(spec, folder=spec.folder or WORKER / "src"))
    return replace(config, baseline=sides[0], candidate=sides[1], scenarios=())


async def taught(twin: str) -> Session:
    """Let a session learn all there is to learn from a twin's baseline."""
    async with Session(config_of(twin)) as session:
        await session.prepare()
    return session


async def hunt(mutant: Mutant, teacher: Session, folder: Path) -> Hunt:
    """Run until something is found and shown again; to the end where nothing is."""
    started = time.perf_counter()
    config = config_of(mutant.twin, plant(mutant, folder))
    report = await _run(mutant, config, teacher, _UntilFound(teacher.decisions))
    if not report.judgement.open:
        report = await _run(mutant, config, teacher, Budget(None))
    return Hunt(mutant, report.judgement.open, time.perf_counter() - started)


def hunt_all(mutants: Sequence[Mutant], folder: Path) -> list[Hunt]:
    """Hunt several in a process of their own; each twin's baseline is learned from once."""
    logging.disable(logging.CRITICAL)  # the apps log what they fail at, which is asked for
    return asyncio.run(_one_by_one(mutants, folder))


async def hunt_to_the_end(mutant: Mutant, teacher: Session, folder: Path) -> Hunt:
    """Run to the end, for all that one mistake brings about."""
    started = time.perf_counter()
    config = config_of(mutant.twin, plant(mutant, folder))
    report = await _run(mutant, config, teacher, Budget(None))
    return Hunt(mutant, report.judgement.open, time.perf_counter() - started)


async def _one_by_one(mutants: Sequence[Mutant], folder: Path) -> list[Hunt]:
    teachers = {twin: await taught(twin) for twin in {mutant.twin for mutant in mutants}}
    return [await hunt(mutant, teachers[mutant.twin], folder) for mutant in mutants]


class _UntilFound(Budget):
    """A budget that ends with the first divergence that nobody decided on."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        super().__init__(None)
        self.found: Divergence | None = None
        self._decisions = decisions

    def listen(self, event: Event) -> None:
        if isinstance(event, DivergenceFound) and not self.found:
            today = datetime.now(UTC).date()
            judged = judge((event.divergence,), self._decisions, today, complete=False)
            self.found = next(iter(judged.open), None)

    def is_spent(self) -> bool:
        return self.found is not None


async def _run(mutant: Mutant, config: Config, teacher: Session, budget: Budget) -> Report:
    listen = budget.listen if isinstance(budget, _UntilFound) else _ignore
    async with Session(config, listen) as session:
        matched = _matched(config)
        session.adopt(replace(teacher.prepared, matched=matched))
        session.findings.default = Strictness[mutant.strictness.upper()]
        session._budget = budget
        await session.probe()
        session._budget = Budget(None)
        if isinstance(budget, _UntilFound) and budget.found:
            _keep(budget.found, session)
        await session.verify()
        return session.report()


def _keep(found: Divergence, session: Session) -> None:
    """Drop what was shown besides: one find that is shown again is enough."""
    sightings = session.findings.sightings
    session.findings.sightings = {found.fingerprint: sightings[found.fingerprint]}


def _matched(config: Config) -> Matched:
    """Read the mutant's router; that of its baseline only once."""
    name = config.baseline.spec.text
    if name not in _baselines:
        _baselines[name] = _inventory(config.baseline)
    return match(_baselines[name], _inventory(config.candidate))


def _inventory(side: Side) -> Inventory:
    return of_app(load_app(side.spec, side.environment))


def _ignore(event: Event) -> None:
    del event
