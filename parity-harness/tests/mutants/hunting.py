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
from pathlib import Path

from corpus import APPS, WORKER, Mutant, plant

from parity_harness.config import Config, load, of_targets
from parity_harness.events import DivergenceFound, Event
from parity_harness.model.cause import causes
from parity_harness.model.divergence import Divergence, Strictness
from parity_harness.model.verdict import Report
from parity_harness.runner.budget import Budget
from parity_harness.runner.preparing.routers import matched_routes
from parity_harness.session import Session
from parity_harness.targets.spec import parse

DEDUPER = ("PATH_TO_PYTHON_VENV", "PATH_TO_MICROSERVICE_DEDUPER")


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
    report = await _run(mutant, config, teacher, _UntilFound())
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
    """A budget that ends with the first divergence."""

    def __init__(self) -> None:
        super().__init__(None)
        self.has_found = False

    def listen(self, event: Event) -> None:
        self.has_found |= isinstance(event, DivergenceFound)

    def is_spent(self, share: float = 1.0) -> bool:
        return self.has_found and share == 1.0


async def _run(mutant: Mutant, config: Config, teacher: Session, budget: Budget) -> Report:
    listen = budget.listen if isinstance(budget, _UntilFound) else _ignore
    async with Session(config, listen) as session:
        matched = matched_routes(config.baseline, config.candidate)
        session.adopt(replace(teacher.prepared, matched=matched))
        session.findings.default = Strictness[mutant.strictness.upper()]
        session._budget = budget
        await session.probe()
        session._budget = Budget(None)
        if isinstance(budget, _UntilFound):
            _keep_first(session)
        await session.verify()
        return session.report()


def _keep_first(session: Session) -> None:
    """Drop what the last request showed besides: one find that is shown again is enough."""
    sightings = session.findings.sightings
    for fingerprint in list(sightings)[1:]:
        del sightings[fingerprint]


def _ignore(event: Event) -> None:
    del event
