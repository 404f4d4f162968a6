"""Prints what a run without configuration finds of every mutant.

    .venv/bin/python parity-harness/tests/mutants/table.py [--to-the-end] [TWIN or TWIN/NAME …]

A line each: found or not, seconds, how many causes, and the first of them. Without
`--to-the-end` a run stops at its first confirmed find, so that it counts few causes. Exits with 1
where a mutant lives.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from corpus import Mutant, load
from hunting import Hunt, hunt, hunt_to_the_end, taught

from parity_harness.session import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Hunt the mutants that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--to-the-end", action="store_true", help="count all causes")
    parser.add_argument("names", nargs="*", metavar="TWIN or TWIN/NAME")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)  # the apps log what they fail at, which is asked for
    wanted = [each for each in load() if _is_wanted(each, options.names)]
    with tempfile.TemporaryDirectory() as folder:
        hunts = asyncio.run(_all(wanted, Path(folder), is_full=options.to_the_end))
    found = sum(each.is_found for each in hunts)
    seconds = sum(each.seconds for each in hunts)
    alive = [
        f"  alive: {each.mutant.id}: {each.mutant.what}" for each in hunts if not each.is_found
    ]
    _say("\n".join((f"{found} of {len(hunts)} found in {seconds:.0f} s", *alive)))
    return 0 if found == len(hunts) else 1


async def _all(mutants: Sequence[Mutant], folder: Path, *, is_full: bool) -> list[Hunt]:
    teachers: dict[str, Session] = {}
    hunts = []
    for mutant in mutants:
        if mutant.twin not in teachers:
            teachers[mutant.twin] = await taught(mutant.twin)
        run = hunt_to_the_end if is_full else hunt
        hunts.append(await run(mutant, teachers[mutant.twin], folder))
        _tell(hunts[-1])
    return hunts


def _tell(found: Hunt) -> None:
    mark = "found" if found.is_found else "ALIVE"
    first = found.causes[0] if found.is_found else found.mutant.what
    count = len(found.causes)
    _say(f"{mark}  {found.seconds:5.1f} s  {count:3}  {found.mutant.id:<32} {first}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_wanted(mutant: Mutant, names: Sequence[str]) -> bool:
    return not names or mutant.twin in names or mutant.id in names


if __name__ == "__main__":
    sys.exit(main())
