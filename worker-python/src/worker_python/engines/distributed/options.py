"""What an operator may say about the distributed engine."""

from __future__ import annotations

from dataclasses import dataclass, field

from worker_python.engines.local.retention import Keep
from worker_python.engines.local.retry import Retry


@dataclass(frozen=True, slots=True)
class DistributedOptions:
    """Attempts at a time on the whole database, and how the dead are told from the slow.

    Where more than one may run, a job waits for the place that follows from its id: in each the
    order is kept, and one may be empty while another has a line.

    `join_waiting`: a report whose job has not started is given that job instead of another one.

    A worker renews its leases every `renew_seconds`. One that has not for `stalled_seconds`, in
    two looks, is dead: its jobs are settled or put back in line within twice that time. A worker
    that cannot reach the database stops its own attempts shortly before others may do so.
    """

    max_concurrent_jobs: int = 1
    drain_seconds: float = 10.0
    join_waiting: bool = False
    output_tail_bytes: int = 65_536
    stalled_seconds: float = 60.0
    renew_seconds: float = 1.0
    cancel_patience_seconds: float = 150.0
    retry: Retry = field(default_factory=Retry)
    keep: Keep = field(default_factory=Keep)

    @property
    def look_seconds(self) -> float:
        """How often the reaper looks."""
        return self.stalled_seconds / 4
