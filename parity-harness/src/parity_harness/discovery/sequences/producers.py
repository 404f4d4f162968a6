"""Finds which operation's answer holds the id that another route's path wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from parity_harness.discovery.answers import (
    Seen,
    first_success,
    id_key,
    id_pointer,
    normal,
    parsed,
    rows,
)
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.inventory.templates import filled
from parity_harness.discovery.probes.drafts import Draft, draft
from parity_harness.discovery.probes.learning import learned
from parity_harness.model.contract import Step
from parity_harness.model.exchange import Probe, Response

LOCATION = "header:Location"

_CREATING = ("POST", "PUT", "GET")


@dataclass(frozen=True, slots=True)
class Producer:
    """An operation whose answer holds an id at a JSON Pointer, or a Location header."""

    route: MatchedRoute
    operation: Operation
    capture: str

    @property
    def is_listing(self) -> bool:
        """Whether it shows what exists rather than makes something."""
        return self.operation.method == "GET"


@dataclass(slots=True)
class Journey:
    """Steps that lead to a route: what captured its path parameters so far."""

    seen: Seen = ()
    steps: list[Step] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    located: dict[str, str] = field(default_factory=dict)

    def add(self, request: Draft, purpose: str, captures: dict[str, str] | None = None) -> None:
        """Append a request; a Location that was captured stands for the start of its target."""
        self.steps.append(Step(self._located(request, request.probe(purpose)), captures or {}))

    def send(self, probe: Probe) -> None:
        """Append a request that was made from one of this journey's drafts."""
        self.steps.append(Step(probe))

    def knows(self, slot: str) -> bool:
        """Tell whether a path parameter's value was captured."""
        return slot in self.captured or slot in self.located

    def draft(self, route: MatchedRoute, operation: Operation) -> Draft:
        """Return a valid request whose path uses what was captured."""
        found = slots(route.template)
        path = {name: self.captured[slot] for slot, name in found if slot in self.captured}
        return learned(draft(route, operation, path), self.seen)

    def _located(self, request: Draft, probe: Probe) -> Probe:
        for slot, location in self.located.items():
            start = filled(slot, dict(request.path))
            if request.template.startswith(slot) and probe.target.startswith(start):
                return replace(probe, target=location + probe.target[len(start) :])
        return probe


def slots(template: str) -> list[tuple[str, str]]:
    """Return each path parameter with the template up to it: `/a/{x}/b` → `/a/{x}`, `x`."""
    found, position = [], 0
    while (start := template.find("{", position)) >= 0:
        position = template.index("}", start) + 1
        found.append((template[:position], template[start + 1 : position - 1]))
    return found


def producers(matched: Matched, seen: Seen) -> dict[str, Producer]:
    """Return for each slot (`/jobs/{job_id}`) who produces its id, where anyone does."""
    wanted = dict(slot for route in matched.routes for slot in slots(route.template))
    found = {}
    for slot, name in wanted.items():
        ranked = sorted(_candidates(matched, seen, slot, name), key=lambda pair: pair[0])
        if ranked:
            found[slot] = ranked[0][1]
    return found


def reach(route: MatchedRoute, known: dict[str, Producer], journey: Journey) -> bool:
    """Add the steps that produce a route's path parameters; tell whether all could be."""
    for slot, _ in slots(route.template):
        if journey.knows(slot):
            continue
        producer = known.get(slot)
        if producer is None:
            return False
        create(producer, slot, journey)
    return True


def create(producer: Producer, slot: str, journey: Journey, request: Draft | None = None) -> None:
    """Add the producing request, the usual one where none is given, and what it captures."""
    name = f"id{len(journey.captured) + len(journey.located) + 1}"
    request = request or journey.draft(producer.route, producer.operation)
    journey.add(request, f"produce {slot}", {name: producer.capture})
    known = journey.located if producer.capture == LOCATION else journey.captured
    known[slot] = "{{" + name + "}}"


def _candidates(
    matched: Matched, seen: Seen, slot: str, name: str
) -> Iterator[tuple[int, Producer]]:
    collection = slot.rpartition("{")[0].rstrip("/") or "/"
    for route in matched.routes:
        if len(slots(route.template)) >= len(slots(slot)) or not _reaches(route, slot):
            continue
        for operation in route.operations:
            is_above = (route.template.rstrip("/") or "/") == collection
            capture = _capture(operation, route, name, seen, is_above=is_above)
            if operation.method in _CREATING and capture:
                rank = 2 * (not is_above) + _CREATING.index(operation.method)
                yield rank, Producer(route, operation, capture)


def _reaches(route: MatchedRoute, slot: str) -> bool:
    """Tell whether a route's own parameters are among those that lead to the slot."""
    needed = {each for each, _ in slots(route.template)}
    return needed <= {each for each, _ in slots(slot)}


def _capture(
    operation: Operation, route: MatchedRoute, name: str, seen: Seen, *, is_above: bool
) -> str | None:
    pair = first_success(seen, operation.method, route.template)
    if pair is None:
        return _declared(operation, name) if is_above and operation.method != "GET" else None
    answer = pair[0]
    value = parsed(answer)
    pointer = id_pointer(value, name)
    if pointer and (is_above or _is_named(pointer, name)):
        return pointer if operation.method != "GET" or _is_named(pointer, name) else None
    if operation.method == "GET" and is_above:
        return _listed(value, name)
    return _in_location(answer) if is_above else None


def _declared(operation: Operation, name: str) -> str | None:
    keys = dict.fromkeys(operation.answers, "")
    key = id_key(dict(keys), name)
    return f"/{key}" if key else None


def _is_named(pointer: str, name: str) -> bool:
    key = normal(pointer.rpartition("/")[2])
    return key == normal(name) and key != "id"


def _listed(value: object, name: str) -> str | None:
    for pointer, row in rows(value):
        key = id_key(row, name)
        if key:
            return f"{pointer}/{key}"
    return None


def _in_location(answer: Response) -> str | None:
    location = answer.header("Location") or ""
    return LOCATION if location.startswith("/") else None
