"""What is read from Starlette's routes and FastAPI's OpenAPI."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from parity_harness.discovery import inventory as discovery
from parity_harness.discovery.inventory import of_app
from parity_harness.discovery.inventory.openapi import operations, shape_of
from parity_harness.discovery.shapes import Place


class Line(BaseModel):
    sku: str
    count: int = Field(ge=1, le=9)


class Order(BaseModel):
    title: str = Field(min_length=2, max_length=40)
    kind: Literal["new", "old"] = "new"
    note: str | None = None
    lines: list[Line] = []


async def hello(request: Request) -> Response:
    return JSONResponse({"q": request.query_params.get("q")})


def written(app: object) -> dict[str, discovery.Route]:
    return {route.template: route for route in of_app(app).routes if not route.implicit}


def test_routers_within_routers_are_found_with_their_prefixes() -> None:
    inner = APIRouter(prefix="/inner")
    outer = APIRouter(prefix="/outer")
    inner.add_api_route("/{key}", lambda key: key, methods=["GET"])
    outer.add_api_route("", lambda: 1, methods=["POST"])
    outer.include_router(inner, prefix="/deep")
    app = FastAPI()
    app.include_router(outer, prefix="/api")

    found = written(app)

    assert {name: route.methods for name, route in found.items()} == {
        "/api/outer": ("POST",),
        "/api/outer/deep/inner/{key}": ("GET",),
    }


def test_a_plain_route_inside_an_included_router_is_found() -> None:
    router = APIRouter()
    router.add_route("/plain", hello, methods=["GET"])
    app = FastAPI()
    app.include_router(router, prefix="/api")

    assert written(app)["/api/plain"].implied == ("HEAD",)


def test_documentation_pages_are_implicit() -> None:
    templates = {route.template for route in of_app(FastAPI()).routes if route.implicit}

    assert templates == {"/docs", "/docs/oauth2-redirect", "/openapi.json", "/redoc"}
    assert of_app(FastAPI(openapi_url=None)).routes == ()


def test_types_and_limits_come_from_the_schema() -> None:
    app = FastAPI()

    @app.post("/orders/{key}")
    def create(
        key: UUID,
        order: Order,
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
        x_trace: Annotated[str | None, Header()] = None,
    ) -> Order:
        return order.model_copy(update={"note": f"{key} {limit} {x_trace}"})

    route = written(app)["/orders/{key}"]
    operation = route.operations[0]
    body = operation.body
    limit_, trace = operation.parameters

    assert route.path[0].shape.format == "uuid"
    assert (limit_.place, limit_.default, limit_.shape.numbers) == (Place.QUERY, 20, (1, 50))
    assert (trace.name, trace.place) == ("x-trace", Place.HEADER)
    assert body is not None
    assert body.required == ("title",)
    assert [name for name, _ in body.fields] == ["title", "kind", "note", "lines"]
    title, kind, note, lines = (shape for _, shape in body.fields)
    assert title.lengths == (2, 40)
    assert kind.constants == ("new", "old")
    assert note.kind == "string"
    assert lines.items is not None
    assert lines.items.required == ("sku", "count")
    assert operation.answers == ("title", "kind", "note", "lines")
    assert 422 in operation.statuses


def test_credentials_are_parameters() -> None:
    app = FastAPI()
    app.add_api_route("/key", lambda: 1, dependencies=[Depends(APIKeyHeader(name="X-Key"))])
    app.add_api_route("/bearer", lambda: 1, dependencies=[Depends(HTTPBearer())])
    app.add_api_route("/basic", lambda: 1, dependencies=[Depends(HTTPBasic())])

    found = {name: route.operations[0].parameters for name, route in written(app).items()}

    assert [each.name for each in found["/key"]] == ["X-Key"]
    assert [each.shape.constants for each in found["/bearer"]] == [("Bearer ",)]
    assert [each.shape.constants for each in found["/basic"]] == [("Basic ",)]


def test_what_openapi_leaves_out_is_read_from_the_source() -> None:
    app = Starlette(routes=[Route("/hello", hello)])

    (route,) = of_app(app).routes

    assert [each.name for each in route.operations[0].parameters] == ["q"]


def test_mounts_and_convertors() -> None:
    class Thing(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return Response(request.method)

        async def delete(self, request: Request) -> Response:
            return Response(request.method)

    sub = FastAPI(openapi_url=None)
    sub.add_api_route("/z/{number:int}", lambda number: number)
    app = Starlette(
        routes=[
            Mount("/sub", sub),
            Mount("/files", StaticFiles(directory=".")),
            Mount("/plain", JSONResponse({})),
            Route("/things/{name:path}", Thing),
        ]
    )

    inventory = of_app(app)
    found = {route.template: route for route in inventory.routes}

    assert found["/sub/z/{number}"].path[0].shape.format == "int"
    assert found["/files/{path}"].path[0].shape.format == "path"
    assert found["/things/{name}"].methods == ("DELETE", "GET")
    assert inventory.notes == ("JSONResponse at /plain has no router that can be read",)


def test_what_is_no_http_route_is_told() -> None:
    async def chat(_: object) -> None: ...

    app = Starlette(
        routes=[
            WebSocketRoute("/chat", chat),
            Host("api.example.org", Router([Route("/x", hello)])),
        ]
    )

    inventory = of_app(app)

    assert [route.template for route in inventory.routes] == ["/x"]
    assert inventory.notes == (
        "/chat is a WebSocket",
        "routes of host api.example.org are probed on the default host only",
    )


def test_two_functions_on_one_path_are_one_route() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/x", lambda: 1, methods=["GET"])
    app.add_api_route("/x", lambda: 1, methods=["POST"])
    app.add_middleware(GZipMiddleware)

    assert written(app)["/x"].methods == ("GET", "POST")


def test_a_schema_that_cannot_be_made_is_a_note() -> None:
    app = FastAPI()

    def broken() -> dict[str, object]:
        raise ValueError("no schema")

    app.openapi = broken  # type: ignore[method-assign]  # as FastAPI's guide says
    app.add_api_route("/x", lambda: 1)

    inventory = of_app(app)

    assert "/x" in {route.template for route in inventory.routes}
    assert inventory.notes == (
        "the candidate's OpenAPI could not be made: ValueError('no schema')",
    )


def test_a_body_of_one_value_is_its_own_shape() -> None:
    app = FastAPI()

    @app.post("/x")
    def create(text: Annotated[str, Body()]) -> str:
        return text

    body = written(app)["/x"].operations[0].body

    assert body is not None
    assert body.kind == "string"


def test_forms_and_files_are_read_from_the_document() -> None:
    fields = {
        "note": {"type": "string"},
        "doc": {"type": "string", "format": "binary"},
        "more": {"type": "array", "items": {"type": "string", "format": "binary"}},
    }
    schema = {"type": "object", "properties": fields, "required": ["doc"]}
    content = {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Form"}}}
    document = {
        "paths": {"/x": {"post": {"requestBody": {"content": content}, "responses": {}}}},
        "components": {"schemas": {"Form": schema}},
    }

    operation = operations(document)["/x", "POST"]

    assert operation.media == ("multipart/form-data",)
    assert operation.body is None
    assert [(each.place, each.name, each.required) for each in operation.parameters] == [
        (Place.FORM, "note", False),
        (Place.FILE, "doc", True),
        (Place.FILE, "more", False),
    ]


def test_alternatives_references_and_odd_schemas() -> None:
    document = {
        "components": {
            "schemas": {"Node": {"properties": {"next": {"$ref": "#/components/schemas/Node"}}}}
        }
    }

    choice = shape_of({"anyOf": [{"type": "null"}, {"type": ["integer", "null"]}]}, {})
    endless = shape_of({"$ref": "#/components/schemas/Node"}, document)

    assert choice.kind == "integer"
    assert shape_of({"enum": ["a", ["b"]], "const": "c"}, {}).constants == ("a", "c")
    assert shape_of({"contentMediaType": "application/octet-stream"}, {}).kind == "binary"
    assert shape_of("no schema", {}).kind == "any"
    assert endless.field("next") is not None
