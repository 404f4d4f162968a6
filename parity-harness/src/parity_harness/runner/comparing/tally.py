"""What was exercised of each route, and how long both sides took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles

from parity_harness.discovery.inventory import Matched, MatchedRoute
from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import Latency, RouteCoverage

_FIRST_ERROR = 400


@dataclass(slots=True)
class _Route:
    methods: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    agreed: set[int] = field(default_factory=set)  # seen on both sides of one exchange
    purposes: set[str] = field(default_factory=set)
    exchanges: int = 0
    baseline_seconds: list[float] = field(default_factory=list)
    candidate_seconds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Counts exchanges by route."""

    counts: Counter[str] = field(default_factory=Counter)
    _routes: dict[str, _Route] = field(default_factory=dict)

    def count(self, baseline: Exchange, candidate: Exchange) -> None:
        """Take in one pair of answers."""
        self.counts["exchanges"] += 1
        probe, one, two = baseline.probe, baseline.response, candidate.response
        if probe.route is None:
            return
        route = self._routes.setdefault(probe.route, _Route())
        route.exchanges += 1
        route.methods.add(probe.method)
        route.statuses |= {one.status, two.status}
        route.purposes.add(probe.purpose)
        if one.status == two.status:
            route.agreed.add(one.status)
        route.baseline_seconds.append(one.seconds)
        route.candidate_seconds.append(two.seconds)

    def coverage(self, matched: Matched, skipped: Mapping[str, str]) -> tuple[RouteCoverage, ...]:
        """Return a line a route: those of the inventory, then those only scenarios name.

        `skipped` are routes left out on purpose, with the reason.
        """
        known = [self._of_matched(route, skipped) for route in matched.routes]
        lone = [(route.template, "the candidate has no such route") for route in matched.missing]
        lone += [(route.template, "the baseline has no such route") for route in matched.extra]
        lone = [(name, _ignored(skipped, name) or note) for name, note in lone]
        seen = {route.template for route in matched.routes} | {name for name, _ in lone}
        others = ((name, "") for name in self._routes if name not in seen)
        return (*known, *(self._line(name, note) for name, note in (*lone, *others)))

    def latency(self) -> tuple[Latency, ...]:
        """Return median and 95th percentile a route, in seconds."""
        return tuple(
            Latency(
                name,
                *_spread(route.baseline_seconds),
                *_spread(route.candidate_seconds),
            )
            for name, route in sorted(self._routes.items())
            if route.exchanges
        )

    def _of_matched(self, route: MatchedRoute, skipped: Mapping[str, str]) -> RouteCoverage:
        if route.template in skipped:
            return self._line(route.template, _ignored(skipped, route.template))
        seen = self._routes.get(route.template, _Route())
        lacking = [f"{each} was not asked" for each in route.methods if each not in seen.methods]
        if not any(200 <= status < _FIRST_ERROR for status in seen.agreed):
            lacking.append("no success on both sides")
        if not any(status >= _FIRST_ERROR for status in seen.agreed):
            lacking.append("no error on both sides")
        names = {each.name for op in route.operations for each in op.parameters}
        return self._line(route.template, *lacking, parameters=(*_path(route), *sorted(names)))

    def _line(self, name: str, *missing: str, parameters: Iterable[str] = ()) -> RouteCoverage:
        route = self._routes.get(name, _Route())
        return RouteCoverage(
            route=name,
            methods=tuple(sorted(route.methods)),
            statuses=tuple(sorted(route.statuses)),
            parameters=tuple(dict.fromkeys(parameters)),
            exchanges=route.exchanges,
            missing=tuple(each for each in missing if each),
        )


def _ignored(skipped: Mapping[str, str], name: str) -> str:
    return f"ignored: {skipped[name]}" if name in skipped else ""


def _path(route: MatchedRoute) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in route.baseline.path)


def _spread(seconds: list[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return seconds[0], seconds[0]
    return median(seconds), quantiles(seconds, n=20, method="inclusive")[-1]
