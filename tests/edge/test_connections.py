"""Between the edge and a worker that serves as ours do."""

from __future__ import annotations

import uvicorn

from cutover.envoy.config import IDLE_CONNECTION_SECONDS


def test_the_edge_lets_go_of_an_idle_connection_before_the_worker_does() -> None:
    """Else a request may be sent on one that is just being closed, and that is no retry's case."""
    assert uvicorn.Config("main:app").timeout_keep_alive > IDLE_CONNECTION_SECONDS
