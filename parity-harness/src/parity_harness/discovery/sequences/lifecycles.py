"""Create, read, change, act, delete, read again: one scenario a resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.inventory import Matched, MatchedRoute, Operation
from parity_harness.discovery.probes.drafts import MULTIPART, form_fields, multipart
from parity_harness.discovery.probes.families import bodies, forms
from parity_harness.discovery.probes.ranks import USUAL, Case
from parity_harness.discovery.sequences.producers import (
    Journey,
    Producer,
    create,
    producers,
    reach,
    slots,
)
from parity_harness.discovery.shapes import Place
from parity_harness.model.contract import Scenario

FILES = {
    "lines": b"a\nb\r\nc\rd\n",
    "bytes": bytes(range(256)),
    "unicode": "été 日本\n".encode(),
    "empty": b"",
    "60kB": b"0123456789" * 6_000,
}
"""Files that show whether an upload is kept byte by byte."""

_MARK = "parity-content"

MOST_CHANGES = 80
"""Changes tried on one resource, each followed by a read."""


@dataclass(frozen=True, slots=True)
class _Resource:
    """A slot, who produces it, and the routes at and below it."""

    slot: str
    producer: Producer
    routes: tuple[MatchedRoute, ...]
    seen: Seen

    def operations(self, *methods: str) -> Iterator[tuple[MatchedRoute, Operation]]:
        """Yield operations at or below the slot by method, those at the slot first."""
        for route in sorted(self.routes, key=lambda each: len(each.template)):
            for operation in route.operations:
                if operation.method in methods:
                    yield route, operation


def lifecycles(matched: Matched, seen: Seen) -> Iterator[Scenario]:
    """Yield a whole life, and many changes, for each resource whose id can be captured."""
    known = producers(matched, seen)
    for slot, producer in known.items():
        routes = tuple(
            route
            for route in matched.routes
            if route.template.startswith(slot) and slots(route.template)[-1][0] == slot
        )
        resource = _Resource(slot, producer, routes, seen)
        life = _life(resource, known)
        if life.steps:
            yield Scenario(f"life of {slot}", tuple(life.steps), origin="inferred")
        yield from _many_changes(resource, known)
        yield from _each_action(resource, known)
        yield from _uploads(resource, known)


def _life(resource: _Resource, known: dict[str, Producer]) -> Journey:
    journey = Journey(resource.seen)
    if not reach(resource.producer.route, known, journey):
        return Journey()
    _read_collection(resource, journey, "before")
    create(resource.producer, resource.slot, journey)
    _read(resource, journey, "after creation")
    _read_collection(resource, journey, "after creation")
    _act(resource, journey, ("PUT", "PATCH"))
    if not resource.producer.is_listing:
        again = journey.draft(resource.producer.route, resource.producer.operation)
        journey.add(again, "create the same again")
        _read_collection(resource, journey, "after the second creation")
    _act(resource, journey, ("POST",))
    _remove(resource, journey)
    return journey


def _act(resource: _Resource, journey: Journey, methods: tuple[str, ...]) -> None:
    """Perform each operation twice, each time with a read after it."""
    for route, operation in resource.operations(*methods):
        for time in ("", " again"):
            purpose = f"{operation.method} {route.template}{time}"
            journey.add(journey.draft(route, operation), purpose)
            _read(resource, journey, f"after {purpose}")


def _remove(resource: _Resource, journey: Journey) -> None:
    for route, operation in resource.operations("DELETE"):
        journey.add(journey.draft(route, operation), f"delete {route.template}")
        _read(resource, journey, f"after delete {route.template}")
        _read_collection(resource, journey, f"after delete {route.template}")
        journey.add(journey.draft(route, operation), f"delete {route.template} twice")
    for route, operation in resource.operations("PUT", "PATCH"):
        purpose = f"{operation.method} {route.template} after all deletes"
        journey.add(journey.draft(route, operation), purpose)


def _read(resource: _Resource, journey: Journey, when: str) -> None:
    for route, operation in resource.operations("GET"):
        journey.add(journey.draft(route, operation), f"read {route.template} {when}")


def _read_collection(resource: _Resource, journey: Journey, when: str) -> None:
    route = resource.producer.route
    operation = route.operation("GET")
    if operation and not resource.producer.is_listing:
        journey.add(journey.draft(route, operation), f"list {route.template} {when}")


def _many_changes(resource: _Resource, known: dict[str, Producer]) -> Iterator[Scenario]:
    """Yield one scenario for each operation that takes a body, with every telling body."""
    for route, operation in resource.operations("PUT", "PATCH", "POST"):
        journey = Journey(resource.seen)
        if operation.body is None or not reach(resource.producer.route, known, journey):
            continue
        create(resource.producer, resource.slot, journey)
        case = Case(route, operation, journey.draft(route, operation))
        spoilt = [*bodies.probes(case), *forms.probes(case)]
        chosen = [
            probe for rank, probe in sorted(spoilt, key=lambda pair: pair[0]) if rank <= USUAL
        ]
        for probe in chosen[:MOST_CHANGES]:
            journey.send(probe)
            _read(resource, journey, f"after {probe.purpose}")
        name = f"changes by {operation.method} {route.template}"
        yield Scenario(name, tuple(journey.steps), origin="inferred")


def _each_action(resource: _Resource, known: dict[str, Producer]) -> Iterator[Scenario]:
    """Yield a fresh resource for each action: an earlier one may forbid the next."""
    actions = [*resource.operations("PUT", "PATCH", "POST", "DELETE")]
    for route, operation in actions:
        journey = Journey(resource.seen)
        if not reach(resource.producer.route, known, journey):
            continue
        create(resource.producer, resource.slot, journey)
        journey.add(journey.draft(route, operation), f"{operation.method} {route.template}")
        _read(resource, journey, f"after {operation.method}")
        _read_collection(resource, journey, f"after {operation.method}")
        if operation.method == "DELETE" and not resource.producer.is_listing:
            create(resource.producer, resource.slot, journey)  # is its number given again?
            _read(resource, journey, "after another creation")
        name = f"{operation.method} {route.template} on a fresh one"
        yield Scenario(name, tuple(journey.steps), origin="inferred")


def _uploads(resource: _Resource, known: dict[str, Producer]) -> Iterator[Scenario]:
    """Yield uploads of telling files under names of their own, each read back."""
    fields = form_fields(resource.producer.operation)
    if not any(place is Place.FILE for place, *_ in fields):
        return
    marked = [(each[0], each[1], _MARK if each[0] is Place.FILE else each[2]) for each in fields]
    journey = Journey(resource.seen)
    if not reach(resource.producer.route, known, journey):
        return
    for name, content in FILES.items():
        request = journey.draft(resource.producer.route, resource.producer.operation)
        body = multipart(marked, f"parity-{name}.txt").replace(_MARK.encode(), content)
        create(resource.producer, resource.slot, journey, request.sending(body, MULTIPART))
        _read(resource, journey, f"after upload of {name}")
    yield Scenario(f"uploads of {resource.slot}", tuple(journey.steps), origin="inferred")
