"""The server that the contract on PostgreSQL needs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from worker_python.engines.distributed.dispatch import make_schema
from worker_python.storage.testing import OwnPostgres


@pytest.fixture(scope="session")
def grown_postgres(postgres: OwnPostgres) -> Iterator[None]:
    """Tell `grown` where the server is."""
    url = postgres.make_database("grown", template="with_schema")
    asyncio.run(make_schema(url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTRACT_POSTGRES", postgres.url)
        yield
