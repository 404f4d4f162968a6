"""Finds which item answers to which where order or length differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from parity_harness.compare.identity import IdentityMap
from parity_harness.compare.json_tokens import type_name
from parity_harness.compare.rules import Node

_NAMES = ("id", "uuid", "key", "slug")

Naming = Callable[[str], str | None]
"""Returns an id's name on the candidate's side, None where no counterpart is known."""


def aligned(
    one: Sequence[object], two: Sequence[object], node: Node, identities: IdentityMap
) -> list[tuple[int, int]] | None:
    """Pair the positions of two arrays with the same items in another order; else None."""
    left, right = _written(one, two, node, identities)
    first = sorted(range(len(one)), key=left.__getitem__)
    second = sorted(range(len(two)), key=right.__getitem__)
    if any(left[i] != right[j] for i, j in zip(first, second, strict=True)):
        return None
    pairs = sorted(zip(first, second, strict=True))
    return None if all(i == j for i, j in pairs) else pairs


def contained(
    one: Sequence[object], two: Sequence[object], node: Node, identities: IdentityMap
) -> list[tuple[int, int]] | None:
    """Pair the shorter array's positions with the longer's, in order; None where it is no part."""
    left, right = _written(one, two, node, identities)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif len(left) > len(right):
            i += 1
        else:
            j += 1
    return pairs if len(pairs) == min(len(left), len(right)) else None


def shifted(
    one: Sequence[object], two: Sequence[object], node: Node, identities: IdentityMap
) -> bool:
    """Return whether most items that both arrays have stand elsewhere: another page of rows."""
    left, right = _written(one, two, node, identities)
    shared = (Counter(left) & Counter(right)).total()
    in_place = sum(ours == theirs for ours, theirs in zip(left, right, strict=False))
    return shared - in_place > in_place


def other_row(
    one: object, two: object, node: Node, identities: IdentityMap
) -> tuple[str, object, object] | None:
    """Return key and ids by which two objects show that they are not the same row, if they do."""
    if not isinstance(one, dict) or not isinstance(two, dict):
        return None
    key = next((name for name in _NAMES if name in one and name in two), None)
    if key is None or type(one[key]) is not type(two[key]):
        return None
    ours, theirs = one[key], two[key]
    fitting = {any(form.fits(each) for form in node.child(key).forms) for each in (ours, theirs)}
    is_same = fitting == {True} or ours == theirs or identities.same(ours, theirs)
    return None if is_same else (key, ours, theirs)


def paired_keys(
    one: Mapping[str, object], two: Mapping[str, object], node: Node, identities: IdentityMap
) -> dict[str, str]:
    """Pair volatile keys: by ids already matched, the others by their values, then by order."""
    known = {key: str(identities.counterpart(key)) for key in one
             if identities.counterpart(key) in two}  # fmt: skip
    left = [key for key in one if key not in known and _volatile(key, node)]
    right = [key for key in two if key not in known.values() and _volatile(key, node)]
    below = node.child("*")
    left.sort(key=lambda key: written(one[key], below, _counterpart(identities)))
    right.sort(key=lambda key: written(two[key], below, _own(identities)))
    return known | dict(zip(left, right, strict=False))


def written(value: object, node: Node, naming: Naming) -> str:
    """Write a value so that equal texts mean alike values: volatile parts as their forms."""
    match value:
        case dict():
            items = (
                f"{key!r}:{written(value[key], node.child(key), naming)}" for key in sorted(value)
            )
            return "{" + ",".join(items) + "}"
        case list():
            texts = [written(each, node.child("*"), naming) for each in value]
            return "[" + ",".join(sorted(texts) if node.unordered else texts) + "]"
        case _:
            return _scalar(value, node, naming)


def _written(
    one: Sequence[object], two: Sequence[object], node: Node, identities: IdentityMap
) -> tuple[list[str], list[str]]:
    return (
        [written(each, node, _counterpart(identities)) for each in one],
        [written(each, node, _own(identities)) for each in two],
    )


def _scalar(value: object, node: Node, naming: Naming) -> str:
    if isinstance(value, str):
        known = naming(value)
        if known is not None:
            return f"string:{known!r}"
    form = next((form for form in node.forms if form.fits(value)), None)
    return f"<{form.name}>" if form else f"{type_name(value)}:{value!r}"


def _counterpart(identities: IdentityMap) -> Naming:
    def name(text: str) -> str | None:
        translated = identities.translate(text)
        return translated if translated != text or identities.counterpart(text) else None

    return name


def _own(identities: IdentityMap) -> Naming:
    return lambda text: text if identities.mentions(text) else None


def _volatile(key: str, node: Node) -> bool:
    return any(form.fits(key) for form in node.keys)
