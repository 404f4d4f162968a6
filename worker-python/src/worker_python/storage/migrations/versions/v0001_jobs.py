"""Jobs in one table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table; AUTOINCREMENT, so that the id of a deleted job is never given again."""
    op.create_table(
        "jobs",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("report_id", sa.Text),  # may exceed 64 bits
        sa.Column("request_id", sa.Text),
        sa.Column("token", _BIG, nullable=False),
        sa.Column("marker", sa.Text),
        sa.Column("pid", _BIG),
        sa.Column("pid_start_time", _BIG),
        sa.Column("boot_id", sa.Text),
        sa.Column("started_at", _TIME),
        sa.Column("completed_at", _TIME),
        sa.Column("exit_code", sa.Integer),
        sa.Column("error", sa.Text),
        sa.Column("stdout", sa.Text),
        sa.Column("stderr", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_status_id", "jobs", ["status", "id"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("jobs")
