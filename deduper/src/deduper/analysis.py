"""What the commands do to the shared database: look once, work it out, write once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from deduper import embedding, results, selection, workspace
from deduper.database import connect, reading, working, writing
from deduper.settings import Settings
from deduper.stages import Stage, logged, read_all, work_through


@dataclass(frozen=True, slots=True)
class Request:
    """What to analyse, and how: `report_id` None stands for the articles of PATH_TO_CSV."""

    stages: Sequence[Stage]
    report_id: int | None
    options: embedding.Options


def analyze(settings: Settings, request: Request) -> int:
    """Replace a report's rows by fresh ones; return how many.

    Everything is worked out before the first row is touched, and all rows change in one
    transaction: a reader sees the old findings or the new ones, and a failure leaves the old.
    """
    with connect(settings.database, settings.wait_seconds) as connection:
        workspace.prepare(connection)
        with logged("load", connection), reading(connection):
            _take_articles(connection, settings, request.report_id)
            read_all(connection, request.stages)
        with working(connection):
            if not request.stages:
                workspace.pair_everything(connection)
            work_through(connection, request.stages, request.options)
        with logged("write", connection), writing(connection):
            return results.replace(connection, request.report_id, request.stages)


def run_stage(settings: Settings, stage: Stage, options: embedding.Options) -> int:
    """Fill one stage's columns of all rows there are; return how many."""
    with connect(settings.database, settings.wait_seconds) as connection:
        workspace.prepare(connection)
        with logged("load", connection), reading(connection):
            selection.take_rows(connection)
            read_all(connection, [stage])
        with working(connection):
            work_through(connection, [stage], options)
        with logged("write", connection), writing(connection):
            return results.fill(connection, stage)


def clear(settings: Settings) -> int:
    """Delete all findings of all reports; return how many."""
    with connect(settings.database, settings.wait_seconds) as connection, writing(connection):
        return results.clear(connection)


def _take_articles(
    connection: sqlite3.Connection, settings: Settings, report_id: int | None
) -> None:
    if report_id is None:
        selection.take_csv(connection, settings.csv)
    else:
        selection.take_report(connection, report_id)
