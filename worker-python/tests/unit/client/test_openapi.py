"""The client's endpoints and models against the service's own document: drift fails here."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from worker_python.app import create_app
from worker_python_client.answers import Answer, Failure
from worker_python_client.endpoints import ENDPOINTS, Endpoint

Schema = Mapping[str, Any]
Document = dict[str, Any]

REFUSALS = {
    ("/deduper/jobs", "get"): ("500",),
    ("/deduper/jobs/{job_id}", "get"): ("404",),
    ("/deduper/jobs/{job_id}/cancel", "post"): ("400", "404", "500"),
    ("/deduper/clear-db-table", "delete"): ("500",),
    ("/deduper/health", "get"): ("500",),
}


@pytest.fixture(name="document", scope="module")
def _document() -> Document:
    return create_app().openapi()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_the_service_answers_what_the_client_reads(
    document: Document, endpoint: Endpoint[Answer]
) -> None:
    assert list(differences(document, endpoint)) == []


@pytest.mark.parametrize("operation", REFUSALS, ids=" ".join)
def test_the_service_refuses_with_what_the_client_reads(
    document: Document, operation: tuple[str, str]
) -> None:
    path, method = operation
    for status in REFUSALS[operation]:
        response = document["paths"][path][method]["responses"][status]
        assert list(_between(_ours(Failure), _theirs(document, response), status)) == []


@pytest.mark.parametrize(
    ("drift", "noticed"),
    [
        (lambda d: d["paths"].pop("/deduper/jobs/{job_id}"), "no such path"),
        (lambda d: _swap(d["paths"]["/deduper/jobs/{job_id}"], "get", "post"), "no such method"),
        (lambda d: _swap(_responses(d), "200", "202"), "no status 200"),
        (lambda d: _schema(d)["properties"].pop("exitCode"), "exitCode: is not answered"),
        (lambda d: _schema(d)["required"].remove("createdAt"), "createdAt: may be absent"),
        (
            lambda d: _schema(d)["properties"].update(jobId={"type": "string"}),
            "jobId: string, not integer",
        ),
        (
            lambda d: d["components"]["schemas"]["JobStatus"]["enum"].append("lost"),
            "status: lost is unknown",
        ),
        (
            lambda d: d["components"]["schemas"]["JobStatus"].pop("enum"),
            "status: any other text is unknown",
        ),
    ],
    ids=["path", "method", "status", "key", "required", "type", "value", "any value"],
)
def test_drift_is_noticed(
    document: Document, drift: Callable[[Document], object], noticed: str
) -> None:
    changed = copy.deepcopy(document)
    drift(changed)

    found = [line for endpoint in ENDPOINTS for line in differences(changed, endpoint)]

    assert any(noticed in line for line in found), found


def differences(document: Document, endpoint: Endpoint[Answer]) -> Iterator[str]:
    """Yield what the client relies on and the document does not promise."""
    name = f"{endpoint.method} {endpoint.path}"
    methods = document["paths"].get(endpoint.path)
    if methods is None:
        yield f"{name}: no such path"
    elif endpoint.method.lower() not in methods:
        yield f"{name}: no such method"
    elif str(endpoint.status) not in methods[endpoint.method.lower()]["responses"]:
        yield f"{name}: no status {endpoint.status}"
    else:
        response = methods[endpoint.method.lower()]["responses"][str(endpoint.status)]
        yield from _between(_ours(endpoint.answer), _theirs(document, response), name)


@dataclass(frozen=True, slots=True)
class Value:
    """A value's schema inside the document that its references are looked up in."""

    schema: Schema
    document: Schema

    @property
    def properties(self) -> Mapping[str, Value]:
        return {key: self._inner(one) for key, one in self.schema.get("properties", {}).items()}

    @property
    def items(self) -> Value:
        return self._inner(self.schema["items"])

    @property
    def values(self) -> Sequence[object]:
        constant = [self.schema["const"]] if "const" in self.schema else []
        return list(self.schema.get("enum", constant))

    def always_has(self, key: str) -> bool:
        """Whether a key is there, be it because its value never is another."""
        return key in self.schema.get("required", ()) or "default" in self.properties[key].schema

    def _inner(self, schema: Schema) -> Value:
        for either in schema.get("anyOf", ()):
            if either.get("type") != "null":
                return self._inner(either)
        return Value(_looked_up(schema, self.document), self.document)


def _ours(model: type[Answer]) -> Value:
    schema = model.model_json_schema(by_alias=True)
    return Value(schema, schema)


def _theirs(document: Document, response: Schema) -> Value:
    schema = response["content"]["application/json"]["schema"]
    return Value(_looked_up(schema, document), document)


def _looked_up(schema: Schema, document: Schema) -> Schema:
    found: Any = document if "$ref" in schema else schema
    for part in schema.get("$ref", "").removeprefix("#").split("/")[1:]:
        found = found[part]
    return cast("Schema", found)


def _between(ours: Value, theirs: Value, where: str) -> Iterator[str]:
    if ours.schema["type"] != theirs.schema["type"]:
        yield f"{where}: {theirs.schema['type']}, not {ours.schema['type']}"
        return
    if ours.values and ours.schema["type"] == "string":
        unknown = set(theirs.values or ["any other text"]) - set(ours.values)
        yield from (f"{where}: {value} is unknown" for value in sorted(map(str, unknown)))
    if ours.schema["type"] == "array":
        yield from _between(ours.items, theirs.items, f"{where}[]")
    for key, field in ours.properties.items():
        if key not in theirs.properties:
            yield f"{where} {key}: is not answered"
            continue
        if key in ours.schema.get("required", ()) and not theirs.always_has(key):
            yield f"{where} {key}: may be absent"
        yield from _between(field, theirs.properties[key], f"{where} {key}")


def _swap(mapping: dict[str, Any], old: str, new: str) -> None:
    mapping[new] = mapping.pop(old)


def _responses(document: Document) -> dict[str, Any]:
    found = document["paths"]["/deduper/jobs/{job_id}"]["get"]["responses"]
    return cast("dict[str, Any]", found)


def _schema(document: Document) -> dict[str, Any]:
    return cast("dict[str, Any]", document["components"]["schemas"]["JobDetail"])
