"""Divergences that one mistake made, as a report shows them: together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parity_harness.model.divergence import Divergence, Severity


@dataclass(frozen=True, slots=True)
class Cause:
    """One group of divergences; `divergences` in the order they were found."""

    name: str
    divergences: tuple[Divergence, ...]

    @property
    def severity(self) -> Severity:
        """The worst of the group."""
        return max(divergence.severity for divergence in self.divergences)

    @property
    def trap(self) -> str | None:
        """The catalogue id that explains the group, if one does."""
        return next((each.trap for each in self.divergences if each.trap), None)

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes it touches, sorted, each once."""
        return tuple(sorted({each.route for each in self.divergences}))


def causes(divergences: Iterable[Divergence]) -> tuple[Cause, ...]:
    """Gather divergences by their `cause`: worst first, then the one that touches most."""
    groups: dict[str, list[Divergence]] = {}
    for each in divergences:
        groups.setdefault(each.cause or each.fingerprint, []).append(each)
    found = (Cause(name, tuple(members)) for name, members in groups.items())
    return tuple(sorted(found, key=_rank))


def _rank(cause: Cause) -> tuple[int, int, int, str]:
    return (-cause.severity, -len(cause.routes), -len(cause.divergences), cause.name)
