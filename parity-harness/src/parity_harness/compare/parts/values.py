"""Two JSON-shaped values held against each other, item by item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parity_harness.compare.identity import IdentityMap
from parity_harness.compare.parts.alignment import (
    aligned,
    contained,
    other_row,
    paired_keys,
    shifted,
)
from parity_harness.compare.parts.differences import ABSENT, Difference, Path
from parity_harness.compare.rules import NO_RULES, Node
from parity_harness.model.divergence import Kind


class ValueComparison:
    """One walk over two values: what differs, and which volatile ids met each other.

    `same_moment` asks volatile times to lie together.
    """

    def __init__(self, identities: IdentityMap, *, same_moment: bool = True) -> None:
        self.found: list[Difference] = []
        self._identities = identities
        self._same_moment = same_moment
        self._met: list[tuple[Path, str, str]] = []

    def walk(self, one: object, two: object, path: Path, node: Node = NO_RULES) -> None:
        """Compare two values; `node` holds the noise rules for this place and below."""
        if type(one) is type(two):
            if isinstance(one, dict) and isinstance(two, dict):
                return self._object(one, two, path, node)
            if isinstance(one, list) and isinstance(two, list):
                return self._array(one, two, path, node)
            if same(one, two):
                return None
        return self._leaf(one, two, path, node)

    def try_walk(self, one: object, two: object, path: Path, node: Node = NO_RULES) -> bool:
        """Walk as `walk` does; False, with nothing noted, where values are nested too deeply."""
        mark = len(self.found), len(self._met)
        try:
            self.walk(one, two, path, node)
        except RecursionError:
            del self.found[mark[0] :], self._met[mark[1] :]
            return False
        return True

    def translate(self, text: str) -> str:
        """Return a text of the baseline with the candidate's ids, those that met just now too."""
        for _, one, two in self._met:
            text = text.replace(one, two)
        return self._identities.translate(text)

    def identities_kept(self) -> Iterator[Difference]:
        """Match the ids that met, in order; yield those that already had another counterpart."""
        for path, one, two in self._met:
            if not self._identities.bind(one, two):
                yield Difference(Kind.IDENTITY, path, one, two)

    def _object(
        self, one: dict[str, object], two: dict[str, object], path: Path, node: Node
    ) -> None:
        renamed = self._renamed(one, two, path, node) if node.keys else {}
        one = {renamed.get(key, key): value for key, value in one.items()} if renamed else one
        matched = 0
        for key, value in one.items():
            other = two.get(key, ABSENT)
            if other is ABSENT:
                self.found.append(Difference(Kind.KEY_MISSING, (*path, key), value, ABSENT))
                continue
            matched += 1
            if same(value, other):
                continue
            place = "*" if key in renamed.values() else key
            self.walk(value, other, (*path, place), node.child(place))
        if matched < len(two):
            self.found += [Difference(Kind.KEY_EXTRA, (*path, key), ABSENT, two[key])
                           for key in two if key not in one]  # fmt: skip

    def _renamed(
        self, one: dict[str, object], two: dict[str, object], path: Path, node: Node
    ) -> dict[str, str]:
        """Find the counterparts' names of the baseline's keys where keys are ids."""
        pairs = paired_keys(one, two, node, self._identities)
        self._met += [((*path, "*"), key, pairs[key]) for key in one if key in pairs]
        return pairs

    def _array(self, one: list[object], two: list[object], path: Path, node: Node) -> None:
        below = node.child("*")
        if len(one) != len(two):
            self._uneven(one, two, path, below)
            return
        mark = len(self.found), len(self._met)
        self._items(enumerate(zip(one, two, strict=True)), path, below, only=len(one) == 1)
        if len({each.path[len(path)] for each in self.found[mark[0] :]}) < 2:
            return  # one item alone cannot have moved
        pairs = aligned(one, two, below, self._identities)
        if pairs is None and not shifted(one, two, below, self._identities):
            return
        del self.found[mark[0] :], self._met[mark[1] :]
        if not node.unordered or pairs is None:
            self.found.append(Difference(Kind.ORDER, path, one, two))
        self._items(((i, (one[i], two[j])) for i, j in pairs or ()), path, below)

    def _items(
        self,
        items: Iterator[tuple[int, tuple[object, object]]],
        path: Path,
        node: Node,
        *,
        only: bool = False,
    ) -> None:
        for position, (one, two) in items:
            if same(one, two):
                continue
            place = (*path, "*" if only else position)
            row = other_row(one, two, node, self._identities)
            if row is None:
                self.walk(one, two, place, node)
            else:  # what else differs between rows that are not the same tells nothing
                self.found.append(Difference(Kind.VALUE, (*place, row[0]), *row[1:]))

    def _uneven(self, one: list[object], two: list[object], path: Path, below: Node) -> None:
        """Say that the lengths differ; say no more where one array is a part of the other."""
        self.found.append(Difference(Kind.LENGTH, path, one, two))
        pairs = contained(one, two, below, self._identities)
        if pairs is None:
            pairs = [(index, index) for index in range(min(len(one), len(two)))]
        self._items(((i, (one[i], two[j])) for i, j in pairs), path, below)

    def _leaf(self, one: object, two: object, path: Path, node: Node) -> None:
        if self._volatile(one, two, path, node) or self._identities.same(one, two):
            return
        kind = Kind.VALUE if type(one) is type(two) else Kind.TYPE
        self.found.append(Difference(kind, path, one, two))

    def _volatile(self, one: object, two: object, path: Path, node: Node) -> bool:
        """Return whether both values keep what the noise rules promise; note the ids in them."""
        first = next((form for form in node.forms if form.fits(one)), None)
        second = next((form for form in node.forms if form.fits(two)), None)
        if first is None or second is None:
            return False
        if self._same_moment and not first.same_moment(one, two):
            return False
        for ids in zip(first.ids(one), second.ids(two), strict=False):
            if self._identities.contradict(*ids):
                self.found.append(Difference(Kind.IDENTITY, path, *ids))
            else:
                self._met.append((path, *ids))
        return True


def same(one: Any, two: Any) -> bool:  # noqa: ANN401  (the JSON edge)
    """Return whether two JSON values are the same, token by token; the quick way past equals."""
    kind = type(one)
    if kind is not type(two):
        return False
    if kind is dict:
        return len(one) == len(two) and _same_items(one, two)
    if kind is list:
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two) and (kind is not float or bool(one) or repr(one) == repr(two))  # -0.0


def _same_items(one: dict[str, Any], two: dict[str, Any]) -> bool:
    for key, value in one.items():  # noqa: SIM110  (a third faster than all() on the hot path)
        if key not in two or not same(value, two[key]):
            return False
    return True
