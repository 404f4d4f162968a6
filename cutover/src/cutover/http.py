"""One HTTP request on the loopback or the inner network, without the price of a client.

httpx makes a TLS context for every client, some 20 ms each: longer than a whole move may take.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

import httpx

_TLS = ssl.create_default_context()


def ask(
    method: str, url: str, *, timeout_seconds: float, params: Mapping[str, int | str] | None = None
) -> httpx.Response:
    """Send one request and return its answer; raises `httpx.HTTPError` where there is none."""
    return httpx.request(method, url, params=params, timeout=timeout_seconds, verify=_TLS)
