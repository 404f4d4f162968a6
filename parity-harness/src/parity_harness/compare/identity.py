"""Each side makes its own ids: they are matched one to one between the sides, never ignored."""

from __future__ import annotations

import re

_WORD = re.compile(r"[\w~-]+")


class IdentityMap:
    """Which id of the baseline is which id of the candidate, since the state was last fresh.

    The one thing in this package that remembers: take a `fresh` one whenever both sides are reset.
    `origins` are the two base URLs, which name the same service.
    """

    def __init__(self, origins: tuple[str, str] | None = None) -> None:
        self._origins = origins
        self._candidate: dict[tuple[type, object], object] = {}
        self._baseline: dict[tuple[type, object], object] = {}
        self._words: dict[str, str] = {}

    def fresh(self) -> IdentityMap:
        """Return an empty map of the same two services."""
        return IdentityMap(self._origins)

    def bind(self, baseline: object, candidate: object) -> bool:
        """Match two ids; False where one of them already has another counterpart."""
        if self.contradict(baseline, candidate):
            return False
        self._candidate[_key(baseline)] = candidate
        self._baseline[_key(candidate)] = baseline
        self._words[str(baseline)] = str(candidate)
        return True

    def contradict(self, baseline: object, candidate: object) -> bool:
        """Return whether one of two ids is known to belong to another."""
        there = self._candidate.get(_key(baseline), candidate)
        back = self._baseline.get(_key(candidate), baseline)
        return _key(there) != _key(candidate) or _key(back) != _key(baseline)

    def counterpart(self, baseline: object) -> object | None:
        """Return the candidate's id for one of the baseline's, None where none was seen."""
        return self._candidate.get(_key(baseline))

    def mentions(self, text: str) -> bool:
        """Return whether a text of the candidate holds an id that has a counterpart."""
        return any((str, word) in self._baseline for word in (text, *_WORD.findall(text)))

    def same(self, baseline: object, candidate: object) -> bool:
        """Return whether two values are equal once the baseline's ids are put in the other's."""
        if type(baseline) is not type(candidate):
            return False
        if _key(baseline) in self._candidate:
            return _key(self._candidate[_key(baseline)]) == _key(candidate)
        return isinstance(baseline, str) and self.translate(baseline) == candidate

    def translate(self, text: str) -> str:
        """Return a text of the baseline with every known id replaced by its counterpart."""
        if self._origins:
            text = text.replace(*self._origins)
        if not self._words:
            return text
        return _WORD.sub(lambda word: self._words.get(word[0], word[0]), text)


def _key(value: object) -> tuple[type, object]:
    return (type(value), value)  # 1, 1.0 and True are three ids
