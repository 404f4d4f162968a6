"""Outputs in a table of their own.

The list reads three small columns of every job. With the outputs in the same row it read past
them too: kilobytes a job that nobody asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Move every output that there is."""
    op.create_table(
        "job_outputs",
        sa.Column("job_id", _BIG, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("stdout", sa.Text),
        sa.Column("stderr", sa.Text),
    )
    op.execute(
        "INSERT INTO job_outputs (job_id, stdout, stderr) SELECT id, stdout, stderr FROM jobs"
        " WHERE stdout IS NOT NULL OR stderr IS NOT NULL"
    )
    op.drop_column("jobs", "stdout")
    op.drop_column("jobs", "stderr")


def downgrade() -> None:
    """Move them back."""
    op.add_column("jobs", sa.Column("stdout", sa.Text))
    op.add_column("jobs", sa.Column("stderr", sa.Text))
    op.execute(
        "UPDATE jobs SET (stdout, stderr) ="
        " (SELECT stdout, stderr FROM job_outputs WHERE job_id = jobs.id)"
    )
    op.drop_table("job_outputs")
