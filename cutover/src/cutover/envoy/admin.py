"""Envoy's admin interface: shares in, counters out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from cutover.envoy.shares import Shares
from cutover.errors import EdgeError
from cutover.http import ask

TIMEOUT_SECONDS = 2.0
CLUSTERS = ("baseline", "candidate")
EDGE = "edge"
"""What Envoy counts our callers' requests under; its admin interface counts its own elsewhere."""


@dataclass(frozen=True, slots=True)
class Admin:
    """Speaks to one Envoy. `address` is `host:port` of its admin listener."""

    address: str

    def set_shares(self, shares: Shares) -> None:
        """Change all shares in one request; the next request is routed by them.

        Raises:
            EdgeError: Envoy does not answer or refuses.
        """
        self._ask("POST", "/runtime_modify", shares.runtime())

    def shares(self) -> Shares:
        """Return the shares in force; those of a fresh Envoy are in its configuration."""
        entries = self._ask("GET", "/runtime", {"format": "json"}).json()["entries"]

        def final(key: str) -> int:
            return int(entries.get(f"{key}.candidate", {}).get("final_value") or 0)

        return Shares.of(final)

    def metrics(self) -> str:
        """Return the counters and histograms of both clusters in Prometheus' text format."""
        query = {"filter": rf"^cluster\.({'|'.join(CLUSTERS)})\.", "usedonly": ""}
        return self._ask("GET", "/stats/prometheus", query).text

    def close_listeners(self) -> None:
        """Take no more connections; raises `EdgeError` where it does not answer."""
        self._ask("POST", "/drain_listeners", {})

    def active_requests(self) -> int:
        """Return how many requests are being answered; raises `EdgeError`."""
        text = self._ask("GET", "/stats", {"filter": rf"^http\.{EDGE}\.downstream_rq_active$"}).text
        return int(text.rpartition(":")[2] or 0)

    def ready(self) -> bool:
        """Whether Envoy is up and takes traffic."""
        try:
            return self._ask("GET", "/ready", {}).text.strip() == "LIVE"
        except EdgeError:
            return False

    def _ask(self, method: str, path: str, query: Mapping[str, int | str]) -> httpx.Response:
        url = f"http://{self.address}{path}"
        try:
            answer = ask(method, url, params=query, timeout_seconds=TIMEOUT_SECONDS)
            return answer.raise_for_status()
        except httpx.HTTPError as error:
            raise EdgeError(f"Envoy's admin interface at {url} does not serve: {error}") from error
