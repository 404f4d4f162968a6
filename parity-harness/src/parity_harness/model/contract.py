"""What parity means for one pair of apps: scenarios of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from parity_harness.model.divergence import Strictness
from parity_harness.model.exchange import Probe


@dataclass(frozen=True, slots=True)
class Eventually:
    """Repeat a step until a JSON value is reached on each side; fails after the limit."""

    pointer: str
    any_of: tuple[object, ...]
    within_seconds: float = 10.0
    every_seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """One probe of a scenario.

    `captures` maps a name to a JSON Pointer into the answer (or `header:NAME`); later steps use
    it as `{{name}}` in target, headers or body. Each side uses its own captured value.
    """

    probe: Probe
    captures: Mapping[str, str] = field(default_factory=dict)
    eventually: Eventually | None = None
    strictness: Strictness | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Probes in order, from a fresh state.

    `environment` is set for both apps before they are made. `effects` names the observers to
    compare (`processes`, `sqlite:PATH`).
    """

    name: str
    steps: tuple[Step, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    strictness: Strictness = Strictness.VALUES
    effects: tuple[str, ...] = ()
    origin: str = "declared"  # declared | probe | inferred | recorded
