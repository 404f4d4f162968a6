"""The JSON report keeps to its schema."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest

from parity_harness.model.divergence import Kind
from parity_harness.model.verdict import Report
from parity_harness.reporters.json import render, schema


@pytest.fixture(scope="module")
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema()))


def test_a_broken_report_is_valid(
    broken: Report, validator: jsonschema_rs.Draft202012Validator
) -> None:
    document = json.loads(render(broken))

    validator.validate(document)
    assert document["verdict"] == "broken"
    assert len(document["divergences"]) == 6
    assert [each["name"] for each in document["causes"]] == ["FF02", "name: another text", "FF01"]


def test_a_kept_report_is_valid(
    kept: Report, validator: jsonschema_rs.Draft202012Validator
) -> None:
    validator.validate(json.loads(render(kept)))


def test_every_divergence_says_what_the_schema_promises(broken: Report) -> None:
    first = json.loads(render(broken))["divergences"][0]

    promised = ("fingerprint", "cause", "trap", "method", "route", "kind", "path", "baseline")
    assert all(first[key] for key in (*promised, "candidate", "reproduction"))
    assert first["fingerprint"] == broken.judgement.open[0].fingerprint


def test_a_decided_divergence_carries_its_decision(broken: Report) -> None:
    *_, last = json.loads(render(broken))["divergences"]

    assert last["decision"]["reason"] == "bytes are not promised"


def test_the_schema_knows_every_kind() -> None:
    kinds = json.loads(schema())["$defs"]["divergence"]["properties"]["kind"]["enum"]

    assert kinds == sorted(Kind)


def test_the_schema_refuses_what_it_does_not_know(
    broken: Report, validator: jsonschema_rs.Draft202012Validator
) -> None:
    document = json.loads(render(broken))
    document["divergences"][0]["kind"] = "odd"

    assert not validator.is_valid(document)
