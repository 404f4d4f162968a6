"""The cutover as Prometheus sees it: where it stands, its gates, and Envoy's counters.

Envoy's own page of counters is on its admin port, which can also change the shares and must not be
reachable from other machines; this one can be read only. Counters get the suffix `_total` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from cutover.controller import Controller
from cutover.errors import EdgeError
from cutover.gates import GateVerdict
from cutover.state import Phase
from cutover.view import Status, status


class CutoverCollector(Collector):
    """Reads the ledger and Envoy anew for each scrape."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def collect(self) -> Iterator[Metric]:
        """Yield everything; Envoy's part is missing where it does not answer."""
        now = status(self._controller, ())
        yield from _position(now)
        yield from _gates(now)
        try:
            yield from text_string_to_metric_families(self._controller.admin.metrics())
        except EdgeError:
            return


def serve(controller: Controller, host: str, port: int) -> int:
    """Answer `/metrics` in a thread from now on; return the port, which 0 leaves to the system."""
    registry = CollectorRegistry()
    registry.register(CutoverCollector(controller))
    server, _ = start_http_server(port, host, registry)
    return server.server_port


def _position(now: Status) -> Iterable[Metric]:
    phase = GaugeMetricFamily("cutover_phase", "1 for the phase it is in.", labels=["phase"])
    for name in Phase:
        phase.add_metric([name], float(name is now.phase))
    stage = GaugeMetricFamily("cutover_stage", "Index of the stage, 0 the first.", value=now.stage)
    share = GaugeMetricFamily(
        "cutover_share_percent", "Share of the candidate in force at Envoy.", labels=["of"]
    )
    for key, percent in (now.shares or {}).items():
        share.add_metric([key], percent)
    return phase, stage, share


def _gates(now: Status) -> Iterable[Metric]:
    value = GaugeMetricFamily(
        "cutover_gate_value", "Last reading of a gate of this stage.", labels=["gate", "metric"]
    )
    limit = GaugeMetricFamily("cutover_gate_limit", "Its limit.", labels=["gate", "metric"])
    failed = GaugeMetricFamily(
        "cutover_gate_failed", "1 where the gate has failed.", labels=["gate", "metric"]
    )
    for name, gate in now.gates.items():
        labels = [name, now.plan.gates[name].metric.value]
        limit.add_metric(labels, gate["limit"])
        failed.add_metric(labels, float(gate["verdict"] is GateVerdict.FAILED))
        if gate["value"] is not None:
            value.add_metric(labels, gate["value"])
    return value, limit, failed
