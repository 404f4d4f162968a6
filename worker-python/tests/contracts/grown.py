"""The candidate on PostgreSQL: an API half and a worker in one process, a new database each time.

`CONTRACT_POSTGRES` is the server's address; it has a database `grown` to copy, see `conftest`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
from fastapi import FastAPI
from psycopg import sql

from worker_python import app as service
from worker_python.settings import Settings

TEMPLATE = "grown"


def create_app() -> FastAPI:
    """Return the application with a worker beside it."""
    settings = Settings(database_url=_new_database(os.environ["CONTRACT_POSTGRES"]))
    app = service.create_app(settings)
    without = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with without(app), asyncio.TaskGroup() as group:
            group.create_task(service.work(settings, stop))
            try:
                yield
            finally:
                stop.set()

    app.router.lifespan_context = lifespan
    return app


def _new_database(server: str) -> str:
    name = f"contract_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return server.rpartition("/")[0] + f"/{name}"
