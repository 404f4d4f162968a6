"""`parity inventory`, `explain` and `traps`: look something up, compare nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from parity_harness.cli.running import quietly, targets_of
from parity_harness.discovery.inventory import Matched, Route
from parity_harness.discovery.traps import CATALOGUE, page, write_pages
from parity_harness.errors import ConfigurationError
from parity_harness.runner.preparing.routers import matched_routes


def inventory(options: argparse.Namespace) -> int:
    """Show both routers side by side; 1 where one has what the other lacks."""
    config = targets_of(options)
    with quietly():
        matched = matched_routes(config.baseline, config.candidate)
    sys.stdout.write("".join(f"{line}\n" for line in _lines(matched)))
    lone = (*matched.missing, *matched.extra)
    return int(any(not route.implicit for route in lone))


def explain(options: argparse.Namespace) -> int:
    """Print the page of a trap.

    Raises:
        ConfigurationError: no trap has this id.
    """
    trap = CATALOGUE.get(options.trap.upper())
    if trap is None:
        raise ConfigurationError(f"no trap is called {options.trap}; `parity traps` lists them")
    sys.stdout.write(page(trap))
    return 0


def traps(options: argparse.Namespace) -> int:
    """List all traps, or write a page for each."""
    if options.write:
        written = write_pages(options.write)
        sys.stdout.write(f"{len(written)} pages in {options.write}\n")
        return 0
    sys.stdout.write("".join(f"{each.id}  {each.title}\n" for each in CATALOGUE.values()))
    return 0


def _lines(matched: Matched) -> Iterator[str]:
    for route in matched.routes:
        kinds = ", ".join(f"{each.name}: {each.shape.format}" for each in route.baseline.path)
        yield f"  {', '.join(route.methods):24} {route.template}{f'   ({kinds})' if kinds else ''}"
    yield from _lone("- ", "only in the baseline", matched.missing)
    yield from _lone("+ ", "only in the candidate", matched.extra)
    yield from (f"note: {note}" for note in matched.notes)


def _lone(mark: str, where: str, routes: tuple[Route, ...]) -> Iterator[str]:
    for route in routes:
        told = f"{where}, nobody wrote it" if route.implicit else where
        yield f"{mark}{', '.join(route.methods):24} {route.template}   ({told})"
