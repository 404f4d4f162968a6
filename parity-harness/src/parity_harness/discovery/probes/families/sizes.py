"""Bodies larger than an app says it takes."""

from __future__ import annotations

from parity_harness.discovery.probes.ranks import LATER, Case, Ranked

LARGEST = 4_000_000
"""Bytes; a limit above it is not tried, for the sake of those who share the machine."""


def probes(case: Case) -> Ranked:
    """Yield bodies at the app's limit and one byte beyond it."""
    limit = case.operation.body_limit
    if limit is None or limit > LARGEST or case.is_read:
        return
    for size, what in ((limit, "at"), (limit + 1, "beyond")):
        body = b'"' + b"a" * (size - 2) + b'"'
        yield LATER, case.draft.sending(body).probe(f"body: {what} the limit of {limit} bytes")
