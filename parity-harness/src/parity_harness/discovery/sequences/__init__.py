"""Scenarios inferred from the inventory: who produces what another operation consumes."""

from parity_harness.discovery.sequences.inferring import infer

__all__ = ["infer"]
