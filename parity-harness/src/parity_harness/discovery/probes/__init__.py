"""Requests made from the inventory, a module for each family."""

from parity_harness.discovery.answers import Seen
from parity_harness.discovery.probes.harvest import follow_up
from parity_harness.discovery.probes.making import make

__all__ = ["Seen", "follow_up", "make"]
