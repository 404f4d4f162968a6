"""Puts the families' probes in order: most valuable first, then by route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched, MatchedRoute
from parity_harness.discovery.probes.drafts import draft, unlikely_text
from parity_harness.discovery.probes.families import (
    addresses,
    bodies,
    credentials,
    forms,
    methods,
    negotiation,
    paths,
    queries,
    sizes,
    valid,
)
from parity_harness.discovery.probes.learning import learned
from parity_harness.discovery.probes.ranks import Case, Ranked
from parity_harness.model.exchange import Probe

FAMILIES = (
    valid.probes,
    queries.probes,
    bodies.probes,
    forms.probes,
    paths.probes,
    credentials.probes,
    methods.probes,
    addresses.probes,
    negotiation.probes,
    sizes.probes,
)


def make(matched: Matched, *, seed: int) -> Iterator[Probe]:
    """Yield probes in a fixed order, most valuable first, so that a budget cuts the tail.

    `seed` is part of the seam; these probes are chosen by hand and do not depend on it
    (`discovery.generated` does).
    """
    del seed
    cases = [case for route in matched.routes for case in cases_of(route)]
    return ordered(chain(addresses.outside(matched), *map(spoilt, cases)))


def cases_of(
    route: MatchedRoute, path: Mapping[str, str] | None = None, seen: Seen = ()
) -> Iterator[Case]:
    """Yield a valid request for each operation; `path` holds values known to exist.

    Where `seen` shows that the guess was refused and another request went well, that one. A
    removal asks for what does not exist: others still need what does (`sequences` removes it).
    """
    nowhere = {each.name: unlikely_text(each) for each in route.baseline.path}
    for operation in route.operations:
        values = nowhere if operation.method == "DELETE" else path
        yield Case(route, operation, learned(draft(route, operation, values), seen))


def spoilt(case: Case) -> Ranked:
    """Yield what every family makes of one valid request."""
    return chain.from_iterable(family(case) for family in FAMILIES)


def ordered(ranked: Ranked) -> Iterator[Probe]:
    """Yield each different request once, by rank."""
    seen = set()
    for _, probe in sorted(ranked, key=lambda pair: pair[0]):
        request = (probe.method, probe.target, probe.headers, probe.body)
        if request not in seen or probe.purpose.endswith("after all writes"):
            seen.add(request)
            yield probe
