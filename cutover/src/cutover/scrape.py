"""Prometheus text read into samples, and what two scrapes say together. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scrape:
    """One moment's samples: (name, sorted labels) → value."""

    samples: Mapping[tuple[str, tuple[tuple[str, str], ...]], float]

    def total(self, name: str, **labels: str) -> float:
        """Return the sum over all samples of a name that carry these labels; 0 without any."""
        wanted = labels.items()
        return sum(
            value
            for (sample, carried), value in self.samples.items()
            if sample == name and wanted <= dict(carried).items()
        )

    def has(self, name: str) -> bool:
        """Whether there is a sample of this name."""
        return any(sample == name for sample, _ in self.samples)

    def buckets(self, name: str, **labels: str) -> dict[float, float]:
        """Return a histogram's cumulative buckets: upper bound → count."""
        found: dict[float, float] = {}
        for (sample, carried), value in self.samples.items():
            held = dict(carried)
            if sample == f"{name}_bucket" and labels.items() <= held.items():
                bound = float(held["le"])
                found[bound] = found.get(bound, 0.0) + value
        return found


NOTHING = Scrape({})


def parse(text: str) -> Scrape:
    """Read the text format; raises ValueError where it is not."""
    return Scrape(
        {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )


def increase(before: float, now: float) -> float:
    """Return how much a counter grew; after a restart it counts from 0 again."""
    return now - before if now >= before else now


def quantile(before: Mapping[float, float], now: Mapping[float, float], q: float) -> float | None:
    """Return a quantile of what a histogram gained, interpolated in its bucket as Prometheus does.

    None where nothing was gained. What lies in the last, open bucket counts as its lower bound.
    """
    gained = {bound: increase(before.get(bound, 0.0), count) for bound, count in now.items()}
    total = max(gained.values(), default=0.0)
    if total <= 0:
        return None
    lower, below = 0.0, 0.0
    for bound in sorted(gained):
        if gained[bound] >= q * total:
            if math.isinf(bound) or gained[bound] == below:
                return lower
            return lower + (bound - lower) * (q * total - below) / (gained[bound] - below)
        lower, below = bound, gained[bound]
    return lower
