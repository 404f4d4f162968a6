"""Makes the target that a spec names, in process or behind a real server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from parity_harness.errors import ConfigurationError
from parity_harness.targets.in_process.asgi import AsgiTarget
from parity_harness.targets.in_process.watchdog import Watchdog
from parity_harness.targets.in_process.wsgi import WsgiTarget
from parity_harness.targets.network.http import HttpTarget
from parity_harness.targets.network.process import ProcessTarget, command_words
from parity_harness.targets.network.servers import command_of
from parity_harness.targets.protocol import Target
from parity_harness.targets.settling import Settle, SettlingTarget
from parity_harness.targets.spec import Kind, TargetSpec


class Over(StrEnum):
    """How an app is asked: fast, or as its clients will."""

    PROCESS = "process"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two targets, with what it needs to start and to start afresh."""

    spec: TargetSpec
    environment: Mapping[str, str] = field(default_factory=dict)
    reset: str | None = None
    settle: Settle | None = None


def make(side: Side, over: Over, watchdog: Watchdog) -> Target:
    """Return the target, not yet started.

    Raises:
        ConfigurationError: a recording was asked to answer.
    """
    target = _bare(side, over, watchdog)
    return SettlingTarget(target, side.settle) if side.settle else target


def _bare(side: Side, over: Over, watchdog: Watchdog) -> Target:
    spec, variables, seconds = side.spec, side.environment, watchdog.seconds
    if spec.kind is Kind.URL:
        return HttpTarget(spec.where, seconds)
    if spec.kind is Kind.COMMAND:
        return ProcessTarget(spec.text, command_words(spec.where), seconds, variables)
    if spec.kind is Kind.RECORDING:
        raise ConfigurationError(f"{spec.text} can only be the baseline")
    if over is Over.NETWORK:
        return ProcessTarget(spec.text, command_of(spec), seconds, variables)
    in_process = WsgiTarget if spec.kind is Kind.WSGI else AsgiTarget
    return in_process(spec, watchdog, variables, side.reset)
