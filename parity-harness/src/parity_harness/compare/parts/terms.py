"""Under which terms two answers are held against each other."""

from __future__ import annotations

from dataclasses import dataclass

from parity_harness.compare.parts.values import ValueComparison
from parity_harness.compare.rules import Node
from parity_harness.model.divergence import Strictness


@dataclass(frozen=True, slots=True)
class Terms:
    """What all parts of one comparison share.

    `tree` holds the noise rules of the route by head (`body:`, `header:etag`); `values` gathers
    what differs in values, and the ids that met; `ignored` are headers that do not count.
    """

    values: ValueComparison
    tree: Node
    strictness: Strictness
    ignored: frozenset[str]
