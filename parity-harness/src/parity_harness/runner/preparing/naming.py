"""Says which route a declared or recorded request belongs to, where nobody has said it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from parity_harness.discovery.inventory import Matched
from parity_harness.model.contract import Scenario, Step

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class RouteNames:
    """The templates of both sides; a literal segment wins over a placeholder."""

    def __init__(self, matched: Matched) -> None:
        lone = (route.template for route in (*matched.missing, *matched.extra))
        known = {*(route.template for route in matched.routes), *lone}
        templates = sorted(known, key=_placeholders)
        self._patterns = [(_pattern(template), template) for template in templates]

    def named(self, scenario: Scenario) -> Scenario:
        """Return a scenario in which every step that has a route says so."""
        steps = tuple(self._step(step) for step in scenario.steps)
        return replace(scenario, steps=steps)

    def all_named(self, scenarios: Iterable[Scenario]) -> tuple[Scenario, ...]:
        """Name the routes of several scenarios."""
        return tuple(map(self.named, scenarios))

    def _step(self, step: Step) -> Step:
        if step.probe.route is not None:
            return step
        path = step.probe.target.partition("?")[0]
        found = (template for pattern, template in self._patterns if pattern.fullmatch(path))
        return replace(step, probe=replace(step.probe, route=next(found, None)))


def _placeholders(template: str) -> tuple[int, str]:
    return template.count("{"), template


def _pattern(template: str) -> re.Pattern[str]:
    literal = (re.escape(part) for part in _PLACEHOLDER.split(template))
    return re.compile("[^/]+".join(literal))
