"""Which trap a divergence is, where exactly one surely explains it."""

from __future__ import annotations

from parity_harness.discovery.traps.explaining.answers import ANSWERS
from parity_harness.discovery.traps.explaining.fields import FIELDS
from parity_harness.discovery.traps.explaining.inputs import INPUTS
from parity_harness.discovery.traps.explaining.routing import ROUTING
from parity_harness.discovery.traps.explaining.sight import Sight
from parity_harness.discovery.traps.explaining.validation import VALIDATION
from parity_harness.model.divergence import Divergence
from parity_harness.model.exchange import Exchange

# pairs, not one mapping: a trap may have a sign in several of them
_SIGNS = tuple(
    pair for signs in (ROUTING, VALIDATION, INPUTS, FIELDS, ANSWERS) for pair in signs.items()
)

UNRECOGNISED = frozenset({"FF28", "FF31", "FF45", "FF40", "FF47", "FF48", "FF67", "FF76"})
"""Traps whose answers could as well come from a mistake of the port: never claimed from a pair."""


def explain(divergence: Divergence, baseline: Exchange, candidate: Exchange) -> str | None:
    """Return the id of the trap that explains a divergence, None where none surely does.

    The first that fits wins; the order is that of the request's way through an app.
    """
    sight = Sight(divergence, baseline.probe, baseline.response, candidate.response)
    return next((trap for trap, fits in _SIGNS if fits(sight)), None)
