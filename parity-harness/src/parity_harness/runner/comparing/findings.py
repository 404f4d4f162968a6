"""Everything a run has found so far, told to the listener the first time it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from parity_harness.compare.diff import compare
from parity_harness.compare.rules import Rules
from parity_harness.discovery.traps import explain
from parity_harness.events import DivergenceFound, ExchangeCompared, Listener, Note
from parity_harness.model.contract import Step
from parity_harness.model.divergence import Divergence, Kind, Strictness
from parity_harness.model.exchange import Evidence, Exchange, Probe
from parity_harness.model.verdict import NoiseRule
from parity_harness.runner.comparing.tally import Tally


@dataclass(frozen=True, slots=True)
class Sighting:
    """A divergence as it was first seen, and how to see it again.

    `steps` lead to it from a fresh state, the last of them is the one that diverged; `history` is
    everything that was asked since the state was fresh, in case less does not show it again. A
    divergence of state was seen on `read` after them.
    """

    divergence: Divergence
    evidence: Evidence
    steps: tuple[Step, ...]
    history: tuple[Step, ...] = ()
    read: Probe | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    origin: str = "probe"  # as of a scenario


_REFUSED = 4  # the first digit of a status
_OF_STORED_VALUES = (Kind.VALUE, Kind.LENGTH, Kind.ORDER, Kind.BYTES, Kind.HEADER_VALUE)

_POSITION = re.compile(r"/\d+(?=/|$)")

Place = tuple[str, str, str, str]
"""Method, route, kind and path, positions in arrays as `*`."""


@dataclass(slots=True)
class Findings:
    """Compares, explains and keeps; the one place that divergences go through.

    `strictness` is by route, above what a scenario asks for where it is not given there.
    """

    listen: Listener
    rules: Rules
    strictness: Mapping[str, Strictness] = field(default_factory=dict)
    default: Strictness = Strictness.VALUES
    tally: Tally = field(default_factory=Tally)
    sightings: dict[str, Sighting] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _places: set[Place] = field(default_factory=set)
    _parted: dict[tuple[str, str], str] = field(default_factory=dict)

    def fresh_state(self) -> None:
        """Forget which ids belong together: both sides were reset."""
        self.rules = self.rules.for_fresh_state()

    def learn(self, noise: Iterable[NoiseRule]) -> None:
        """Take further rules in; which ids belong together stays known."""
        known = {_what(rule) for rule in self.rules.noise}
        new = [rule for rule in noise if _what(rule) not in known]
        if new:
            self.rules = replace(self.rules, noise=(*self.rules.noise, *new))

    def compare(
        self, baseline: Exchange, candidate: Exchange, strictness: Strictness | None = None
    ) -> tuple[Divergence, ...]:
        """Return what differs, explained by a trap where one fits; nothing is kept yet."""
        level = strictness or self.strictness.get(baseline.probe.route or "", self.default)
        found = compare(baseline, candidate, self.rules, level)
        if not found:
            return found
        return tuple(replace(each, trap=explain(each, baseline, candidate)) for each in found)

    def judge(
        self, baseline: Exchange, candidate: Exchange, strictness: Strictness | None = None
    ) -> tuple[Divergence, ...]:
        """Compare two answers that count: for coverage, for latency and for whoever listens."""
        found = self.compare(baseline, candidate, strictness)
        self.tally.count(baseline, candidate)
        self.listen(ExchangeCompared(baseline, candidate, found))
        return found

    def keep(self, sightings: Iterable[Sighting]) -> None:
        """Keep what was not seen before."""
        for each in sightings:
            self._places.add(_place(each.divergence))
            if each.divergence.kind is Kind.STATE:
                operation = each.divergence.method, each.divergence.route
                self._parted.setdefault(operation, each.divergence.fingerprint)
            if each.divergence.fingerprint not in self.sightings:
                self.sightings[each.divergence.fingerprint] = each
                self.listen(DivergenceFound(each.divergence))

    def following(
        self, divergences: Iterable[Divergence], writes: Iterable[Probe]
    ) -> tuple[Divergence, ...]:
        """Return divergences seen after writes; what two states explain names the one it follows.

        That is what a read tells, and that something is there on one side only.
        """
        operations = [(write.method, write.route or "") for write in writes]
        parted = next((self._parted[each] for each in operations if each in self._parted), "")
        return tuple(
            replace(each, follows=parted) if parted and _is_of_two_states(each) else each
            for each in divergences
        )

    def has_place(self, divergence: Divergence) -> bool:
        """Tell whether answers of this operation are known to differ here, whatever was asked."""
        return _place(divergence) in self._places

    def note(self, text: str) -> None:
        """Tell the reader something, once."""
        if text not in self.notes:
            self.notes.append(text)
            self.listen(Note(text))


def same_place(one: Divergence, other: Divergence) -> bool:
    """Tell whether two divergences of one operation are the same one, at whatever position."""
    return _place(one) == _place(other)


def _what(rule: NoiseRule) -> NoiseRule:
    return replace(rule, learned_from="")


def _is_of_two_states(divergence: Divergence) -> bool:
    if divergence.trap:
        return False
    if divergence.kind is Kind.STATUS:
        first, second = (status // 100 for status in divergence.statuses)
        return (first == _REFUSED) != (second == _REFUSED) and max(first, second) == _REFUSED
    return divergence.method == "GET" and divergence.kind in _OF_STORED_VALUES


def _place(divergence: Divergence) -> Place:
    path = _POSITION.sub("/*", divergence.path)
    return divergence.method, divergence.route, divergence.kind, path
