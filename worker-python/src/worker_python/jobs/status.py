"""The five statuses of a job, as the contract names them."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job is."""

    PENDING = "pending"  # kept, waiting for a slot
    RUNNING = "running"  # an attempt is under way
    COMPLETED = "completed"  # its process ended with exit code 0
    FAILED = "failed"  # it ended otherwise, could not start, or ran out of time
    CANCELLED = "cancelled"  # it was asked to stop, and has stopped

    @property
    def terminal(self) -> bool:
        """Whether no move leaves this status."""
        return self not in (JobStatus.PENDING, JobStatus.RUNNING)
