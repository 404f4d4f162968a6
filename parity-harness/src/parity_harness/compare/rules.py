"""What a comparison knows besides the two answers: noise, ids and which headers count."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from parity_harness.compare.identity import IdentityMap
from parity_harness.model.verdict import NoiseRule

NO_ROUTE = "(no route)"
"""The route of divergences and rules that belong to a request outside any route."""

HOP_BY_HOP = frozenset(
    "connection date keep-alive proxy-authenticate proxy-connection server te trailer "
    "transfer-encoding upgrade via".split()
)
"""Headers that belong to the server or the connection, not to the app (RFC 9110, 7.6.1)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Noise learned from the baseline, ids matched so far, headers that are not compared."""

    noise: tuple[NoiseRule, ...] = ()
    identities: IdentityMap = field(default_factory=IdentityMap)
    ignored_headers: frozenset[str] = HOP_BY_HOP

    def for_fresh_state(self) -> Rules:
        """Return the same rules with no ids matched: both sides were reset."""
        return replace(self, identities=IdentityMap())
