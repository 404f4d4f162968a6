"""One mistake shows in many answers: divergences of one cause get one name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from parity_harness.compare.signs import headline, rename_of, signs
from parity_harness.model.divergence import Divergence, Kind

Answer = tuple[str, str, str]
"""Method, route and purpose: which answer a divergence was seen in."""

_FOLLOW_THE_STATUS = frozenset(
    {
        Kind.MEDIA_TYPE,
        Kind.BYTES,
        Kind.KEY_MISSING,
        Kind.KEY_EXTRA,
        Kind.TYPE,
        Kind.VALUE,
        Kind.LENGTH,
        Kind.ORDER,
        Kind.EFFECT,
        Kind.STATE,
    }
)
_STATUS = frozenset({Kind.STATUS, Kind.FAILURE})
_NAMES_WHAT_WAS_MADE = "header:location"
_HEADERS_THAT_FOLLOW = (
    "header:allow",
    "header:content-",
    "header:location",
    "header:retry-after",
)


def group(divergences: Iterable[Divergence]) -> tuple[Divergence, ...]:
    """Return the divergences, each fingerprint once, with `cause` set.

    A trap is a cause. What else an answer shows follows from its other status, or its body from
    its other media type; what shows after a write that left two states follows from these. The
    rest is one cause where it is the same change: of the same key, the same header, the same status
    for the same reason, over all routes and probes.
    """
    found = tuple({each.fingerprint: each for each in reversed(list(divergences))}.values())[::-1]
    leaders = _leaders(found)
    names = _names(_gather([leaders[each.fingerprint] for each in found]))
    return tuple(
        replace(each, cause=names[leaders[each.fingerprint].fingerprint]) for each in found
    )


def _leaders(found: Sequence[Divergence]) -> dict[str, Divergence]:
    """Map each fingerprint to the divergence that it follows from, by default itself."""
    known = _Known(
        by_name={each.fingerprint: each for each in found},
        by_status={_answer(each): each for each in reversed(found) if each.kind in _STATUS},
        by_type={_answer(each): each for each in found if each.kind is Kind.MEDIA_TYPE},
        by_state={_answer(each): each for each in found if each.kind is Kind.STATE},
    )
    return {each.fingerprint: known.leader(each) for each in found}


@dataclass(frozen=True, slots=True)
class _Known:
    """Divergences that others may follow from."""

    by_name: Mapping[str, Divergence]
    by_status: Mapping[Answer, Divergence]
    by_type: Mapping[Answer, Divergence]
    by_state: Mapping[Answer, Divergence]

    def leader(self, divergence: Divergence) -> Divergence:
        """Return what a divergence follows from."""
        if divergence.trap:
            return divergence
        if divergence.follows in self.by_name:
            return self.leader(self.by_name[divergence.follows])
        answer, path = _answer(divergence), divergence.path
        follows = divergence.kind in _FOLLOW_THE_STATUS or path.startswith(_HEADERS_THAT_FOLLOW)
        if follows and answer in self.by_status:
            return self.by_status[answer]
        if path.startswith(_NAMES_WHAT_WAS_MADE) and answer in self.by_state:
            return self.by_state[answer]
        if divergence.kind is Kind.BYTES:
            return self.by_type.get(answer, divergence)
        return divergence


def _gather(leaders: Sequence[Divergence]) -> list[list[Divergence]]:
    """Put together all that share a sign, directly or over others."""
    groups = _Groups()
    renames = rename_of(leaders)
    for each in leaders:
        groups.join((each.fingerprint, *signs(each), *renames.get(each.fingerprint, ())))
    gathered: dict[Hashable, list[Divergence]] = {}
    for each in leaders:
        gathered.setdefault(groups.root(each.fingerprint), []).append(each)
    return list(gathered.values())


def _names(groups: Iterable[Sequence[Divergence]]) -> dict[str, str]:
    """Name each group after its worst divergence; a name taken already gets its place added."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for members in groups:
        first = max(members, key=lambda each: each.severity)
        said = headline(first)
        choices = (said, f"{said} for {_place(members)}", f"{said} ({first.fingerprint})")
        name = next(each for each in choices if each not in taken)
        taken.add(name)
        names |= {each.fingerprint: name for each in members}
    return names


def _place(members: Sequence[Divergence]) -> str:
    """Return what the members share: a method and a route, or one of them."""
    methods, routes = ({getattr(each, name) for each in members} for name in ("method", "route"))
    shared = [each.pop() for each in (methods, routes) if len(each) == 1]
    return " ".join(shared) or members[0].route


def _answer(divergence: Divergence) -> Answer:
    return divergence.method, divergence.route, divergence.purpose


class _Groups:
    """Union-find over anything hashable."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def root(self, member: Hashable) -> Hashable:
        while (parent := self._parent.setdefault(member, member)) != member:
            self._parent[member] = member = self._parent[parent]
        return member

    def join(self, members: Sequence[Hashable]) -> None:
        first = self.root(members[0])
        for member in members[1:]:
            self._parent[self.root(member)] = first
