"""The job store's statements and rows as PostgreSQL, over psycopg, wants them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from psycopg.rows import DictRow

from worker_python.jobs.job import Job, JobSummary
from worker_python.storage import rows, statements

Row = Mapping[str, rows.Value]

# PostgreSQL's text has no U+0000, a process's output may: it and its stand-in are written as pairs.
_STAND_IN = "\uf8ff"
_TEXTS = ("request_id", "error", "stdout", "stderr")


def storable(row: Row) -> dict[str, rows.Value]:
    """Return the row as it can be kept."""
    return {name: _escaped(value) for name, value in row.items()}


def to_job(row: DictRow) -> Job:
    """Return the job of a row that was kept."""
    for name in _TEXTS:
        if row[name] is not None and _STAND_IN in row[name]:
            text = row[name].replace(f"{_STAND_IN}0", "\0")
            row[name] = text.replace(f"{_STAND_IN}1", _STAND_IN)
    return rows.row_to_job(row)


def to_summaries(found: Iterable[DictRow]) -> list[JobSummary]:
    """Return the jobs of rows of a list."""
    return rows.to_summaries((row["id"], row["status"], row["created_at"]) for row in found)


def _escaped(value: rows.Value) -> rows.Value:
    if not isinstance(value, str) or ("\0" not in value and _STAND_IN not in value):
        return value
    return value.replace(_STAND_IN, f"{_STAND_IN}1").replace("\0", f"{_STAND_IN}0")


def _in_its_words(statement: str) -> str:
    """Write `:name` as psycopg wants it."""
    return re.sub(r"(?<!\w):([a-z]\w*)", r"%(\1)s", statement)


def _with_iso_times(statement: str) -> str:
    """Have the times of a list written as they are shown."""
    iso = """to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS created_at"""
    return statement.replace("status, created_at", f"status, {iso}")


ADD = _in_its_words(statements.ADD)
ADOPT = _in_its_words(statements.ADOPT)
ADOPTED = _in_its_words(_with_iso_times(statements.ADOPTED))
GET = _in_its_words(statements.GET)
KEEP_OUTPUT = _in_its_words(statements.KEEP_OUTPUT)
NEXT_PENDING = statements.NEXT_PENDING
PRUNE_BEYOND = _in_its_words(statements.PRUNE_BEYOND)
PRUNE_ENDED_BEFORE = _in_its_words(statements.PRUNE_ENDED_BEFORE)
REPLACE = _in_its_words(statements.REPLACE)
MOVED_WITH_OUTPUT = f"""
    WITH moved AS ({REPLACE} RETURNING id, token),
    kept AS (
        INSERT INTO job_outputs (job_id, stdout, stderr)
        SELECT id, %(stdout)s, %(stderr)s FROM moved
        WHERE %(stdout)s::text IS NOT NULL OR %(stderr)s::text IS NOT NULL
        ON CONFLICT (job_id) DO UPDATE SET stdout = excluded.stdout, stderr = excluded.stderr
    )
"""  # noqa: S608  # constants
"""To be followed by a query of `moved`: one statement, so that it goes there and back once."""
REPLACE_WITH_OUTPUT = f"{MOVED_WITH_OUTPUT} SELECT id FROM moved"  # noqa: S608  # constants
SUMMARIES = _in_its_words(_with_iso_times(statements.SUMMARIES))
TURN_OF_REPORT = """
    SELECT pg_advisory_xact_lock(hashtextextended('worker-python report ' || %(report_id)s, 0))
"""
WAITING_FOR = _in_its_words(statements.WAITING_FOR)
WITH_STATUSES = _in_its_words(
    statements.WITH_STATUS.replace("= :status", "= ANY(:statuses)"),
)
