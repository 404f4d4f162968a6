"""The API's document: every route, every error declared, and answers that keep to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from worker_python.api.schemas import HealthAnswer, JobDetail, JobList

WaitForStatus = Callable[..., Awaitable[dict[str, Any]]]

OPERATIONS = {
    ("/", "get"),
    ("/test", "get"),
    ("/test", "post"),
    ("/deduper/jobs", "get"),
    ("/deduper/jobs/reportId/{report_id}", "get"),
    ("/deduper/jobs/{job_id}", "get"),
    ("/deduper/jobs/{job_id}/cancel", "post"),
    ("/deduper/jobs/{job_id}/stdout", "get"),
    ("/deduper/jobs/{job_id}/stderr", "get"),
    ("/deduper/jobs/list", "get"),
    ("/deduper/health", "get"),
    ("/deduper/clear-db-table", "delete"),
    ("/live", "get"),
    ("/ready", "get"),
    ("/metrics", "get"),
}


@pytest.fixture
async def document(worker: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await worker.get("/openapi.json")).json()
    return found


async def test_every_route_is_there_and_declares_its_errors(document: dict[str, Any]) -> None:
    operations = {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }

    assert set(operations) == OPERATIONS
    for name, operation in operations.items():
        responses = operation["responses"]
        assert "422" not in responses, name
        assert {"4XX", "500"} <= set(responses), name
    identifiers = [operation["operationId"] for operation in operations.values()]
    assert len(set(identifiers)) == len(identifiers)


async def test_a_value_that_is_absent_is_never_null(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for key, field in schema.get("properties", {}).items():
            assert "null" not in str(field).lower().split("'"), (name, key)
            assert field.get("default", "") is not None, (name, key)


async def test_answers_keep_to_their_models(
    worker: httpx.AsyncClient, wait_for_status: WaitForStatus
) -> None:
    await worker.get("/deduper/jobs/reportId/1")
    await wait_for_status(worker, 1)

    for path, model in (
        ("/deduper/jobs/1", JobDetail),
        ("/deduper/jobs/list", JobList),
        ("/deduper/health", HealthAnswer),
    ):
        body = (await worker.get(path)).json()
        assert model.model_validate(body, by_alias=True, by_name=True).content() == body, path


async def test_the_documentation_is_served(worker: httpx.AsyncClient) -> None:
    assert (await worker.get("/docs")).status_code == 200
    assert (await worker.get("/redoc")).status_code == 404
