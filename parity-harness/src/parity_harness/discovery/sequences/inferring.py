"""Puts the inferred scenarios together."""

from __future__ import annotations

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.sequences.boundaries import boundaries
from parity_harness.discovery.sequences.conditions import conditions
from parity_harness.discovery.sequences.lifecycles import lifecycles
from parity_harness.discovery.sequences.pages import pages
from parity_harness.discovery.sequences.poisons import poisons
from parity_harness.discovery.sequences.removals import removals
from parity_harness.discovery.sequences.sessions import sessions
from parity_harness.model.contract import Scenario


def infer(matched: Matched, seen: Seen = ()) -> tuple[Scenario, ...]:
    """Return scenarios: create → read → change → delete → read, login, conditional reads, pages.

    `seen` are the baseline's exchanges with itself; they show where an answer carries its id,
    ETag or cookie. Captures are `header:NAME`, `cookie:NAME` (a Set-Cookie's value) or a JSON
    Pointer into the answer.
    """
    return (
        *lifecycles(matched, seen),
        *removals(matched, seen),
        *sessions(matched, seen),
        *conditions(matched, seen),
        *pages(matched, seen),
        *boundaries(matched, seen),
        *poisons(matched, seen),
    )
