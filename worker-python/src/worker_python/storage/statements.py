"""The SQL of the job store, in words that SQLite and PostgreSQL both understand.

Parameters are written `:name`. Ids are given in order, so the queue is read by id.
"""

from __future__ import annotations

from worker_python.jobs.status import JobStatus

_WHOLE_JOB = """
    jobs.id, jobs.status, jobs.created_at, jobs.report_id, jobs.request_id, jobs.token, jobs.marker,
    jobs.pid, jobs.pid_start_time, jobs.boot_id, jobs.started_at, jobs.completed_at,
    jobs.exit_code, jobs.error, job_outputs.stdout, job_outputs.stderr
"""
_WHOLE = f"SELECT {_WHOLE_JOB} FROM jobs LEFT JOIN job_outputs ON job_outputs.job_id = jobs.id"  # noqa: S608  # constants
_ENDED = ", ".join(f"'{status}'" for status in JobStatus if status.terminal)

ADD = """
    INSERT INTO jobs (status, created_at, report_id, request_id, token)
    VALUES (:status, :created_at, :report_id, :request_id, 0) RETURNING id
"""
WAITING_FOR = """
    SELECT id FROM jobs WHERE status = 'pending' AND report_id = :report_id ORDER BY id LIMIT 1
"""
ADOPT = """
    INSERT INTO jobs (id, status, created_at, report_id, request_id, token, marker,
        pid, pid_start_time, boot_id, started_at, completed_at, exit_code, error)
    VALUES (:id, :status, :created_at, :report_id, :request_id, :token, :marker,
        :pid, :pid_start_time, :boot_id, :started_at, :completed_at, :exit_code, :error)
    ON CONFLICT (id) DO NOTHING
"""
REPLACE = """
    UPDATE jobs SET
        status = :status, token = :token, marker = :marker,
        pid = :pid, pid_start_time = :pid_start_time, boot_id = :boot_id,
        started_at = :started_at, completed_at = :completed_at,
        exit_code = :exit_code, error = :error
    WHERE id = :id AND status = :status_before AND token = :token_before
"""
KEEP_OUTPUT = """
    INSERT INTO job_outputs (job_id, stdout, stderr) VALUES (:id, :stdout, :stderr)
    ON CONFLICT (job_id) DO UPDATE SET stdout = excluded.stdout, stderr = excluded.stderr
"""
GET = f"{_WHOLE} WHERE jobs.id = :id"
NEXT_PENDING = f"{_WHOLE} WHERE jobs.status = 'pending' ORDER BY jobs.id LIMIT 1"
WITH_STATUS = f"{_WHOLE} WHERE jobs.status = :status ORDER BY jobs.id"
SUMMARIES = """
    SELECT id, status, created_at FROM jobs WHERE id > :after ORDER BY id LIMIT :most
"""
ADOPTED = "SELECT id, status, created_at FROM jobs WHERE id < :first ORDER BY id"
COUNTS = "SELECT status, count(*) AS jobs FROM jobs GROUP BY status"
OLDEST_PENDING = "SELECT created_at FROM jobs WHERE status = 'pending' ORDER BY id LIMIT 1"
PRUNE_BEYOND = f"""
    DELETE FROM jobs WHERE id IN (
        SELECT id FROM jobs WHERE status IN ({_ENDED}) ORDER BY id DESC LIMIT :most OFFSET :keep
    )
"""  # noqa: S608  # constants
PRUNE_ENDED_BEFORE = f"""
    DELETE FROM jobs WHERE id IN (
        SELECT id FROM jobs WHERE status IN ({_ENDED}) AND completed_at < :moment
        ORDER BY id LIMIT :most
    )
"""  # noqa: S608  # constants
LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = 'jobs'"
JUMP_TO_FIRST_ID = """
    INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq)
    SELECT (SELECT rowid FROM sqlite_sequence WHERE name = 'jobs'), 'jobs', :last
    WHERE :last > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0)
"""
