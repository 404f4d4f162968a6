"""What a comparison knows besides the two answers: noise, ids and which headers count."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field

from parity_harness.compare.forms import Form, parse
from parity_harness.compare.identity import IdentityMap
from parity_harness.errors import NormaliserError
from parity_harness.model.verdict import NoiseRule

NO_ROUTE = "(no route)"
"""The route of divergences and rules that belong to a request outside any route."""

UNORDERED = "unordered"
"""The form of an array whose order the baseline itself does not keep."""

KEYS = "keys:"
"""Before a form: an object whose keys are ids."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
"""Headers that belong to the server or the connection, not to the app (RFC 9110, 7.6.1)."""


@dataclass(slots=True)
class Node:
    """The rules for one place in an answer, and for the places below it."""

    forms: tuple[Form, ...] = ()
    keys: tuple[Form, ...] = ()
    unordered: bool = False
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def keys_vary(self) -> bool:
        """Whether the baseline itself changes keys or their order here or below."""
        fluid = bool(self.keys) or self.unordered
        return fluid or any(each.keys_vary for each in self.children.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is volatile here or below."""
        return not (self.forms or self.keys or self.unordered or self.children)

    def child(self, segment: str) -> Node:
        """Return the rules below, by key, or by `*` for any item of an array."""
        return self.children.get(segment) or self.children.get("*") or NO_RULES


NO_RULES = Node()


@dataclass(frozen=True, slots=True)
class Rules:
    """Noise learned from the baseline, ids matched so far, headers that are not compared.

    `same_moment` says that both sides answer now, so that their times must lie together; set it
    to False where the baseline is a recording.

    Raises:
        NormaliserError: a noise rule names a form that does not exist.
    """

    noise: tuple[NoiseRule, ...] = ()
    identities: IdentityMap = field(default_factory=IdentityMap)
    ignored_headers: frozenset[str] = HOP_BY_HOP
    same_moment: bool = True
    _trees: dict[tuple[str, str], Node] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        self._trees.update(_plant(self.noise))

    def for_fresh_state(self) -> Rules:
        """Return the same rules with no ids matched: both sides were reset."""
        fresh = copy(self)  # keeps the planted trees: this is done before every other comparison
        object.__setattr__(fresh, "identities", self.identities.fresh())
        return fresh

    def at(self, method: str, route: str) -> Node:
        """Return the noise rules of one route and method; the root's children are path heads."""
        return self._trees.get((method, route), NO_RULES)


def segments(path: str) -> tuple[str, ...]:
    """Split a divergence's path: its head (`body:`, `header:link`), then what the pointer names."""
    head, *rest = path.split("/")
    return (head, *(each.replace("~1", "/").replace("~0", "~") for each in rest))


def _plant(noise: Iterable[NoiseRule]) -> dict[tuple[str, str], Node]:
    trees: dict[tuple[str, str], Node] = {}
    for rule in noise:
        node = trees.setdefault((rule.method, rule.route), Node())
        for segment in segments(rule.path):
            node = node.children.setdefault(segment, Node())
        _state(node, rule)
    return trees


def _state(node: Node, rule: NoiseRule) -> None:
    try:
        if rule.form == UNORDERED:
            node.unordered = True
        elif rule.form.startswith(KEYS):
            node.keys += parse(rule.form.removeprefix(KEYS))
        else:
            node.forms += parse(rule.form)
    except ValueError as error:
        raise NormaliserError(
            f"noise rule for {rule.method} {rule.route} {rule.path}: {error}"
        ) from None
