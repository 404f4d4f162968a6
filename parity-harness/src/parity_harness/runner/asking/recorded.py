"""A recording in the place of the baseline, and how one is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from parity_harness.errors import ContractFileError
from parity_harness.files.recording import Recorded, Recording
from parity_harness.model.contract import Scenario, Step
from parity_harness.model.exchange import Exchange, Probe, Response


class RecordedTarget:
    """Answers as the baseline did, scenario by scenario."""

    def __init__(self, name: str, recording: Recording) -> None:
        self.name = name
        self._recording = recording
        self._exchanges: Sequence[Exchange] = ()
        self._position = 0

    def turn_to(self, scenario: Scenario) -> None:
        """Answer from now on as in this scenario, from its beginning."""
        found = [each for each in self._recording.exchanges if each.scenario == scenario.name]
        self._exchanges = [each.exchange for each in sorted(found, key=lambda each: each.step)]
        self._position = 0

    async def start(self, environment: Mapping[str, str]) -> None:
        """Begin again; the environment was that of the recording."""
        del environment
        self._position = 0

    async def send(self, probe: Probe) -> Response:
        """Return the recorded answer.

        Raises:
            ContractFileError: this request was not recorded here.
        """
        position = self._position
        if position < len(self._exchanges) and _same(self._exchanges[position].probe, probe):
            self._position += 1
            return self._exchanges[position].response
        if position and _same(self._exchanges[position - 1].probe, probe):
            return self._exchanges[position - 1].response  # asked again, until a value is reached
        raise ContractFileError(
            f"{self.name} holds no answer to {probe.method} {probe.target} here: record anew"
        )

    async def reset(self) -> None:
        """Begin the scenario again."""
        self._position = 0

    def expand(self, text: str) -> str:
        """Return the text: a recording has no folder."""
        return text

    async def close(self) -> None:
        """Do nothing: nothing is held."""


def by_route(probes: Iterable[Probe]) -> tuple[Scenario, ...]:
    """Return the probes as scenarios, one a route: what a recording can start afresh."""
    routes: dict[str, list[Probe]] = {}
    for probe in probes:
        routes.setdefault(probe.route or "outside any route", []).append(probe)
    return tuple(
        Scenario(f"probes: {route}", tuple(map(Step, made)), origin="probe")
        for route, made in routes.items()
    )


def recorded(scenario: Scenario, exchanges: Iterable[Exchange]) -> list[Recorded]:
    """Return the exchanges of a scenario with their positions."""
    return [Recorded(scenario.name, number, exchange) for number, exchange in enumerate(exchanges)]


def _same(one: Probe, other: Probe) -> bool:
    """Whether two probes are the same request, whatever they are called."""
    return (one.method, one.target, one.headers, one.body) == (
        other.method,
        other.target,
        other.headers,
        other.body,
    )
