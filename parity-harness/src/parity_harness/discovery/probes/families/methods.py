"""Methods that no one wrote: HEAD, OPTIONS, wrong ones, one that HTTP does not know."""

from __future__ import annotations

from dataclasses import replace

from parity_harness.discovery.probes.ranks import LAST, LIKELY, ODD, USUAL, Case, Ranked

_OTHERS = ("POST", "PUT", "PATCH", "DELETE", "GET")


def probes(case: Case) -> Ranked:
    """Yield every other method once a route: its first operation speaks for it."""
    if case.operation is not case.route.operations[0]:
        return
    bare = replace(case.draft, body=b"").heading("Content-Type")
    written = (*case.route.methods, *case.route.candidate.methods)
    for method in ("HEAD", "OPTIONS"):
        yield LIKELY, replace(bare, method=method).probe(f"method {method}")
    for method in [each for each in _OTHERS if each not in written]:
        yield USUAL, replace(bare, method=method).probe(f"method {method}, not allowed")
    yield ODD, replace(bare, method="TRACE").probe("method TRACE")
    yield LAST, replace(bare, method="PURGE").probe("method unknown to HTTP")
