"""The shares: what Envoy's routes read at run time, and under which keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

CREATES = "cutover.creates"
SHARED = "cutover.shared"
LEGACY_IDS = "cutover.legacy_ids"
KEYS = (CREATES, SHARED, LEGACY_IDS)


@dataclass(frozen=True, slots=True)
class Shares:
    """Percent to the candidate: of creates, of what both workers could answer, of legacy ids."""

    creates: int
    shared: int
    legacy_ids: int = 0

    @classmethod
    def of(cls, candidate: Callable[[str], int]) -> Shares:
        """Return the shares whose key's candidate has this percentage."""
        return cls(*(candidate(key) for key in KEYS))

    def runtime(self) -> Mapping[str, int]:
        """Return the runtime values: for each key both clusters' weights, which are 100 in sum."""
        shares = dict(zip(KEYS, astuple(self), strict=True))
        candidate = {f"{key}.candidate": share for key, share in shares.items()}
        return {**candidate, **{f"{key}.baseline": 100 - share for key, share in shares.items()}}


NOTHING = Shares(creates=0, shared=0)
