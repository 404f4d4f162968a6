"""The distributed engine on one machine: PostgreSQL, two API processes behind Envoy, three workers.

`python -m rig.distributed [PORT]` runs until Ctrl-C, which stops all of it. The settings of the
worker come from the environment, as always; DATABASE_URL is set here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from worker_python.storage.testing import OwnPostgres, free_port

BIN = Path(sys.executable).parent
API_PROCESSES = 2
WORKERS = 3
START_LIMIT_SECONDS = 30.0


def main(port: int) -> int:
    """Start everything, wait for a signal, stop everything."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the first is ignored where a script began us
        signal.signal(number, signal.default_int_handler)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="distributed-")))
        server = OwnPostgres()
        stack.callback(server.remove)
        try:
            server.create()
            _run(stack, server.url, folder, port)
        except KeyboardInterrupt:
            _say("stopping")
    return 0


def envoy_config(port: int, apis: list[int]) -> dict[str, Any]:
    """Return a bootstrap that shares requests evenly between the API processes."""
    manager = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
    router = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
    route = {"match": {"prefix": "/"}, "route": {"cluster": "apis", "timeout": "0s"}}
    filters = {
        "@type": f"{manager}.HttpConnectionManager",
        "stat_prefix": "apis",
        "http_filters": [{"name": "router", "typed_config": {"@type": router}}],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    chain = {"filters": [{"name": "http", "typed_config": filters}]}
    endpoints = [{"endpoint": {"address": _address(api)}} for api in apis]
    cluster = {
        "name": "apis",
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": "apis",
            "endpoints": [{"lb_endpoints": endpoints}],
        },
    }
    listener = {"name": "front", "address": _address(port), "filter_chains": [chain]}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _run(stack: ExitStack, url: str, folder: Path, port: int) -> None:
    apis = [free_port() for _ in range(API_PROCESSES)]
    for number, api in enumerate(apis):
        _start(stack, url, folder / f"api-{number}", ["serve", "--port", str(api)])
    for number in range(WORKERS):
        process = _start(stack, url, folder / f"worker-{number}", ["work"])
        _say(f"worker {number}: pid {process.pid}")
    for api in apis:
        _wait_until_it_answers(api)
    config = json.dumps(envoy_config(port, apis))
    envoy = subprocess.Popen(
        [BIN / "envoy", "--config-yaml", config, "--log-level", "error", "--use-dynamic-base-id"],
        start_new_session=True,
    )
    stack.callback(_stop, envoy)
    _say(f"http://127.0.0.1:{port}, jobs in {url}; Ctrl-C stops all of it")
    envoy.wait()


def _start(
    stack: ExitStack, url: str, folder: Path, arguments: list[str]
) -> subprocess.Popen[bytes]:
    folder.mkdir()
    environment = {**os.environ, "DATABASE_URL": url, "JOB_STORE": str(folder / "jobs.sqlite3")}
    process = subprocess.Popen(
        [BIN / "worker-python", *arguments], env=environment, start_new_session=True
    )
    stack.callback(_stop, process)
    return process


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/live", timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"the API process on port {port} does not answer; its log is above")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8000))
