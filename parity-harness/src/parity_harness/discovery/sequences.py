"""Scenarios inferred from the inventory: who produces what another operation consumes."""

from __future__ import annotations

from collections.abc import Sequence

from parity_harness.discovery.inventory import Matched
from parity_harness.model.contract import Scenario
from parity_harness.model.exchange import Exchange


def infer(matched: Matched, seen: Sequence[tuple[Exchange, Exchange]] = ()) -> tuple[Scenario, ...]:
    """Return scenarios (create → read → change → delete → read, login, conditional reads …).

    `seen` are the baseline's exchanges with itself; they show where an answer carries its id,
    ETag or cookie. Captures are `header:NAME`, `cookie:NAME` or a JSON Pointer.
    """
    del matched, seen
    return ()
