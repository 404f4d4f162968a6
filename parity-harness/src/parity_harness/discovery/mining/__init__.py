"""Reads a view's source: which inputs it looks at, and what it compares them with."""

from parity_harness.discovery.mining.findings import Mined
from parity_harness.discovery.mining.tracing import mine

__all__ = ["Mined", "mine"]
