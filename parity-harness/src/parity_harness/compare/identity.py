"""Each side makes its own ids: they are matched one to one between the sides, never ignored."""

from __future__ import annotations


class IdentityMap:
    """Which id of the baseline is which id of the candidate, since the state was last fresh.

    The one thing in this package that remembers: make a new one whenever both sides are reset.
    """

    def __init__(self) -> None:
        self._candidate: dict[object, object] = {}
        self._baseline: dict[object, object] = {}

    def bind(self, baseline: object, candidate: object) -> bool:
        """Match two ids; False where one of them already has another counterpart."""
        known = self._candidate.setdefault(baseline, candidate)
        return known == candidate and self._baseline.setdefault(candidate, baseline) == baseline

    def counterpart(self, baseline: object) -> object | None:
        """Return the candidate's id for one of the baseline's, None where none was seen."""
        return self._candidate.get(baseline)
