"""Reads operations from an OpenAPI document: parameters, bodies, credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parity_harness.discovery.inventory.routes import Operation
from parity_harness.discovery.shapes import Parameter, Place, Shape

DEPTH = 6
"""References followed from a body downwards; deeper ones are `any`."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_PLACES = {"query": Place.QUERY, "header": Place.HEADER, "cookie": Place.COOKIE}
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")

Document = Mapping[str, Any]


def operations(document: Document) -> dict[tuple[str, str], Operation]:
    """Return every operation by path as documented (`/jobs/{job_id}`) and upper-case method."""
    found = {}
    for path, item in document.get("paths", {}).items():
        shared = item.get("parameters", [])
        for method, described in item.items():
            if isinstance(described, Mapping):
                found[path, method.upper()] = _operation(method, described, shared, document)
    return found


def path_kinds(document: Document, path: str) -> dict[str, str]:
    """Return the converter that each path parameter of a path amounts to."""
    kinds = {}
    for operation in document.get("paths", {}).get(path, {}).values():
        for parameter in operation.get("parameters", []) if isinstance(operation, Mapping) else []:
            if parameter.get("in") == "path":
                shape = shape_of(parameter.get("schema", {}), document)
                kinds[parameter["name"]] = _converter(shape)
    return kinds


def shape_of(schema: object, document: Document, depth: int = DEPTH) -> Shape:
    """Return a JSON Schema as a shape; of alternatives the first that is not null."""
    if not isinstance(schema, Mapping) or depth == 0:
        return Shape()
    resolved = _resolved(schema, document)
    choice = _chosen(resolved)
    if choice is not resolved:
        return shape_of(choice, document, depth - 1)
    fields = resolved.get("properties", {})
    items = resolved.get("items")
    return Shape(
        kind=_kind(resolved),
        fields=tuple((name, shape_of(each, document, depth - 1)) for name, each in fields.items()),
        required=tuple(resolved.get("required", ())),
        items=shape_of(items, document, depth - 1) if items else None,
        constants=_constants(resolved),
        numbers=tuple(resolved[each] for each in _LIMITS if each in resolved),
        lengths=tuple(resolved[each] for each in ("minLength", "maxLength") if each in resolved),
        format=str(resolved.get("format", "")),
    )


def _operation(
    method: str, described: Document, shared: list[Document], document: Document
) -> Operation:
    content = _resolved(described.get("requestBody", {}), document).get("content", {})
    json_media = [each for each in content if "json" in each]
    return Operation(
        method=method.upper(),
        endpoint=str(described.get("operationId", "")),
        parameters=(
            *_parameters([*shared, *described.get("parameters", [])], document),
            *_form_fields(content, document),
            *_credentials(described, document),
        ),
        body=shape_of(content[json_media[0]].get("schema"), document) if json_media else None,
        media=tuple(content),
        statuses=tuple(int(each) for each in described.get("responses", {}) if each.isdigit()),
        answers=_answers(described, document),
    )


def _parameters(listed: list[Document], document: Document) -> Iterator[Parameter]:
    for each in listed:
        described = _resolved(each, document)
        place = _PLACES.get(described.get("in", ""))
        if place:
            schema = described.get("schema", {})
            yield Parameter(
                name=described["name"],
                place=place,
                shape=shape_of(schema, document),
                required=bool(described.get("required", False)),
                default=schema.get("default"),
            )


def _form_fields(content: Document, document: Document) -> Iterator[Parameter]:
    media = next((each for each in FORMS if each in content), None)
    if media is None:
        return
    shape = shape_of(content[media].get("schema"), document)
    for name, field in shape.fields:
        is_file = field.format == "binary" or _of_files(field)
        place = Place.FILE if is_file else Place.FORM
        yield Parameter(name, place, field, required=name in shape.required)


def _of_files(field: Shape) -> bool:
    return field.items is not None and field.items.format == "binary"


def _credentials(described: Document, document: Document) -> Iterator[Parameter]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    required = described.get("security", document.get("security", []))
    for name in dict.fromkeys(name for each in required for name in each):
        scheme = schemes.get(name, {})
        if scheme.get("type") == "apiKey":
            yield Parameter(scheme["name"], _PLACES[scheme["in"]], Shape("string"), required=True)
        elif scheme:
            prefix = "Basic " if scheme.get("scheme") == "basic" else "Bearer "
            yield Parameter("Authorization", Place.HEADER, Shape("string", constants=(prefix,)))


def _answers(described: Document, document: Document) -> tuple[str, ...]:
    for status, answer in described.get("responses", {}).items():
        content = _resolved(answer, document).get("content", {}).get("application/json", {})
        if status.startswith("2"):
            return tuple(name for name, _ in shape_of(content.get("schema"), document).fields)
    return ()


def _resolved(schema: Document, document: Document) -> Document:
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    found: Any = document
    for part in reference[2:].split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found if isinstance(found, Mapping) else {}


def _chosen(schema: Document) -> Document:
    choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or []
    plain: list[Document] = [each for each in choices if each.get("type") != "null"]
    return plain[0] if plain else schema


def _kind(schema: Document) -> str:
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "any")
    if schema.get("contentMediaType") == "application/octet-stream":
        return "binary"
    return str(kind)


def _constants(schema: Document) -> tuple[object, ...]:
    named = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    return tuple(each for each in named if not isinstance(each, list | dict))


def _converter(shape: Shape) -> str:
    if shape.format == "uuid":
        return "uuid"
    return {"integer": "int", "number": "float"}.get(shape.kind, "string")
