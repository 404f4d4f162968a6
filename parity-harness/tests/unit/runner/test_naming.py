from __future__ import annotations

import pytest

from parity_harness.discovery.inventory import Matched, MatchedRoute, Route
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Probe
from parity_harness.runner.preparing.naming import RouteNames


def matched(template: str) -> MatchedRoute:
    route = Route(template)
    return MatchedRoute(template, route, route, ())


NAMES = RouteNames(
    Matched(
        (matched("/rows/{key}"), matched("/rows/list"), matched("/rows/{key}/tags.json")),
        missing=(Route("/old"),),
    )
)


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/rows/list?limit=3", "/rows/list"),
        ("/rows/{{id}}", "/rows/{key}"),
        ("/rows/7/tags.json", "/rows/{key}/tags.json"),
        ("/rows/7/tagsXjson", None),
        ("/old", "/old"),
        ("/rows/", None),
    ],
)
def test_a_request_gets_the_route_that_answers_it(target: str, route: str | None) -> None:
    (step,) = NAMES.named(Scenario("s", (Step(Probe("GET", target)),))).steps

    assert step.probe.route == route


def test_a_route_that_was_declared_stays() -> None:
    step = Step(Probe("GET", "/rows/list", route="/rows/{key}"))

    assert NAMES.named(Scenario("s", (step,))).steps == (step,)
