"""Ids are matched one to one, wherever they appear."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from parity_harness.compare.identity import IdentityMap
from parity_harness.compare.rules import Rules
from parity_harness.model.divergence import Divergence, Kind
from parity_harness.model.exchange import Exchange
from parity_harness.model.verdict import NoiseRule

Answering = Callable[..., Exchange]
Comparing = Callable[..., tuple[Divergence, ...]]

CREATED = NoiseRule("POST", "/jobs", "body:/id", "uuid4", "create")
LISTED = NoiseRule("GET", "/jobs", "body:/*/id", "uuid4", "list")
A1, A2, B1, B2 = (str(uuid.uuid4()) for _ in range(4))


def test_two_ids_meet_once() -> None:
    ids = IdentityMap()

    assert ids.bind("a", "b")
    assert ids.bind("a", "b")
    assert not ids.bind("a", "c")
    assert not ids.bind("d", "b")
    assert ids.counterpart("a") == "b"
    assert ids.counterpart("z") is None


def test_one_and_true_are_two_ids() -> None:
    ids = IdentityMap()

    assert ids.bind(1, 5)
    assert ids.bind(baseline=True, candidate=False)
    assert ids.same(1, 5)
    assert not ids.same(1, "5")


def test_texts_are_read_with_the_other_sides_ids_and_origin() -> None:
    ids = IdentityMap(("http://127.0.0.1:4001", "http://127.0.0.1:4002"))
    ids.bind("a1", "b1")
    ids.bind(7, 8)

    assert ids.same("http://127.0.0.1:4001/jobs/a1?n=7", "http://127.0.0.1:4002/jobs/b1?n=8")
    assert not ids.same("/jobs/a11", "/jobs/b11")
    assert ids.fresh().translate("a1 http://127.0.0.1:4001") == "a1 http://127.0.0.1:4002"


def test_the_same_job_is_the_same_everywhere(answer: Answering, differ: Comparing) -> None:
    rules = Rules((CREATED, LISTED))

    def created(job: str) -> Exchange:
        location = (("Location", f"/jobs/{job}"),)
        return answer({"id": job}, request="POST /jobs", route="/jobs", headers=location)

    def listed(*jobs: str) -> Exchange:
        return answer([{"id": job} for job in jobs], request="GET /jobs", route="/jobs")

    assert [each.path for each in differ(created(A1), created(B1), rules)] == [
        "header:location/target"
    ]  # no rule says that Location is volatile, and the id was not known yet
    assert differ(created(A1), created(B1), rules) == ()
    assert differ(listed(A1, A2), listed(B1, B2), rules) == ()
    assert (
        differ(answer({"error": f"{A2} is gone"}), answer({"error": f"{B2} is gone"}), rules) == ()
    )
    assert [each.kind for each in differ(listed(A1, A2), listed(B2, B1), rules)] == [Kind.ORDER]
    assert [each.kind for each in differ(listed(A1), listed(B2), rules)] == [Kind.IDENTITY]
    assert differ(listed(A1), listed(B2), rules.for_fresh_state()) == ()


def test_the_id_of_another_job_is_no_counterpart(answer: Answering, differ: Comparing) -> None:
    rules = Rules((CREATED,))
    create = {"request": "POST /jobs", "route": "/jobs"}

    assert differ(answer({"id": A1}, **create), answer({"id": B1}, **create), rules) == ()
    (reused,) = differ(answer({"id": A2}, **create), answer({"id": B1}, **create), rules)

    assert (reused.kind, reused.path) == (Kind.IDENTITY, "body:/id")
