"""Both inventories side by side."""

from __future__ import annotations

from parity_harness.discovery.inventory import Inventory, Operation, Route, match
from parity_harness.discovery.inventory.templates import path_parameter
from parity_harness.discovery.shapes import Parameter, Place, Shape


def route(template: str, *methods: str, implied: tuple[str, ...] = ()) -> Route:
    return Route(template, tuple(Operation(method) for method in methods), implied=implied)


def test_routes_match_whatever_their_parameters_are_called() -> None:
    matched = match(
        Inventory((route("/jobs/{job_id}", "GET"),)), Inventory((route("/jobs/{number}", "GET"),))
    )

    assert [each.template for each in matched.routes] == ["/jobs/{job_id}"]
    assert matched.missing == matched.extra == ()


def test_missing_and_extra_routes_and_methods() -> None:
    matched = match(
        Inventory((route("/a", "GET", "PUT"), route("/gone", "GET"))),
        Inventory((route("/a", "GET", "PATCH"), route("/new", "POST"))),
    )

    assert matched.routes[0].methods == ("GET",)
    assert [(each.template, each.methods) for each in matched.missing] == [
        ("/gone", ("GET",)),
        ("/a", ("PUT",)),
    ]
    assert [(each.template, each.methods) for each in matched.extra] == [
        ("/new", ("POST",)),
        ("/a", ("PATCH",)),
    ]


def test_a_method_the_other_framework_implies_is_not_extra() -> None:
    matched = match(
        Inventory((route("/a", "GET", implied=("HEAD", "OPTIONS")),)),
        Inventory((route("/a", "GET", "OPTIONS", implied=("HEAD",)),)),
    )

    assert matched.missing == matched.extra == ()


def test_a_trailing_slash_does_not_hide_a_route_but_exact_partners_come_first() -> None:
    matched = match(
        Inventory((route("/a/", "GET"), route("/b", "GET"), route("/b/", "GET"))),
        Inventory((route("/b/", "GET"), route("/b", "GET"), route("/a", "GET"))),
    )

    pairs = [(each.baseline.template, each.candidate.template) for each in matched.routes]
    assert pairs == [("/a/", "/a"), ("/b", "/b"), ("/b/", "/b/")]


def test_of_two_routes_with_one_pattern_the_converter_decides() -> None:
    number = Route("/x/{id}", (Operation("GET"),), (path_parameter("id", "int"),))
    name = Route("/x/{name}", (Operation("GET"),), (path_parameter("name", "string"),))

    matched = match(Inventory((number, name)), Inventory((name, number)))

    kinds = [(m.baseline.path[0].name, m.candidate.path[0].name) for m in matched.routes]
    assert kinds == [("id", "id"), ("name", "name")]


def test_what_both_sides_know_of_an_operation_is_put_together() -> None:
    ours = Operation(
        "POST",
        parameters=(Parameter("X-Key", Place.HEADER, Shape("string", constants=("a",))),),
        body=Shape("object", (("title", Shape()), ("count", Shape("integer"))), ("title",)),
        statuses=(400,),
    )
    theirs = Operation(
        "POST",
        parameters=(
            Parameter("x-key", Place.HEADER, Shape("string", constants=("b",))),
            Parameter("limit", Place.QUERY, default=5),
        ),
        body=Shape("object", (("title", Shape("string", lengths=(9,))), ("note", Shape()))),
        statuses=(422,),
    )

    matched = match(Inventory((Route("/a", (ours,)),)), Inventory((Route("/a", (theirs,)),)))
    both = matched.routes[0].operations[0]

    assert [(each.name, each.shape.constants) for each in both.parameters] == [
        ("X-Key", ("a", "b")),
        ("limit", ()),
    ]
    assert both.body is not None
    assert [name for name, _ in both.body.fields] == ["title", "count", "note"]
    assert both.body.field("title") == Shape("string", lengths=(9,))
    assert both.statuses == (400, 422)


def test_one_and_true_are_different_constants() -> None:
    from parity_harness.discovery.shapes import merged

    assert merged(Shape(constants=(1,)), Shape(constants=(True,))).constants == (1, True)
