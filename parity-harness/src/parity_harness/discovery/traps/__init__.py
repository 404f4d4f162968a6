"""Known ways in which FastAPI differs from Flask unasked, each with its cure."""

from parity_harness.discovery.traps.catalogue import CATALOGUE, Trap
from parity_harness.discovery.traps.explaining import explain
from parity_harness.discovery.traps.pages import page, write_pages

__all__ = ["CATALOGUE", "Trap", "explain", "page", "write_pages"]
