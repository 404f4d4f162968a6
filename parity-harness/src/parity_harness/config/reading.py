"""Reads parity.toml."""

from __future__ import annotations

from pathlib import Path

from parity_harness.config.entries import (
    count,
    ignored,
    is_on,
    number,
    one_of,
    path_of,
    paths,
    strictness,
)
from parity_harness.config.sides import read_sides
from parity_harness.config.values import Config
from parity_harness.files.tables import read
from parity_harness.targets.making import Over

NAME = "parity.toml"

KEYS = (
    "baseline",
    "candidate",
    "over",
    "budget",
    "seed",
    "timeout",
    "scenarios",
    "decisions",
    "environment",
    "environment_file",
    "zero_configuration",
    "generated",
    "latency_ratio",
    "strictness",
    "ignore",
    "settle",
)


def load(path: Path) -> Config:
    """Read a parity.toml; paths in it are relative to its folder.

    Raises:
        ContractFileError: names the file, the line and what to write instead.
        ConfigurationError: a target is not written in one of the known ways.
    """
    document = read(path)
    root = document.root(NAME)
    root.known_only(KEYS)
    baseline, candidate = read_sides(root)
    return Config(
        baseline=baseline,
        candidate=candidate,
        over=Over(one_of(root, "over", tuple(Over)) or Over.PROCESS),
        budget=number(root, "budget"),
        seed=count(root, "seed", 0),
        timeout=number(root, "timeout") or 10.0,
        scenarios=paths(root, "scenarios"),
        decisions=path_of(root, "decisions"),
        zero_configuration=is_on(root, "zero_configuration"),
        generated=count(root, "generated", 100),
        latency_ratio=number(root, "latency_ratio"),
        strictness=dict(strictness(document)),
        ignored=dict(ignored(document)),
    )
