"""Envoy's configuration, made from the plan.

| request | goes to |
|---|---|
| a create for a report | the candidate once the share exceeds the report's bucket (`bucket.lua`) |
| a create without a report | the candidate by chance, as often as the share says |
| a job's detail or cancel | the owner of the id: ids from `job_id_start` on are the candidate's |
| the same of a legacy id | the baseline until it is retired and the candidate has its jobs |
| list, health, clear | the candidate while it answers for both, else the baseline (a runtime key) |
| anything else | the baseline until the last stage, by the same runtime key |

Nothing repeats a create: no retry but on a connection that could not be made, no mirror, no cache.
Shares are runtime values, changed on the admin port without a reload. Those in force when the
configuration is made are written into it, so that an Envoy that is restarted comes up with them.
"""

from __future__ import annotations

from importlib import resources
from ipaddress import ip_address
from typing import Any

from cutover.envoy.admin import EDGE
from cutover.envoy.shares import CREATES, LEGACY_IDS, NOTHING, SHARED, Shares
from cutover.plan import Plan

BUCKET_HEADER = "x-cutover-bucket"
HEALTH_INTERVAL_SECONDS = 1
CONNECT_TIMEOUT_SECONDS = 1
READ_TIMEOUT_SECONDS = 15
IDLE_CONNECTION_SECONDS = 3  # before the worker closes one (uvicorn: 5), while we send on it

Json = dict[str, Any]


def bootstrap(plan: Plan, *, access_log: str, shares: Shares = NOTHING) -> Json:
    """Return the whole configuration, JSON-shaped.

    Args:
        plan: the plan.
        access_log: path of the access log; one JSON object a line.
        shares: those in force until the controller says otherwise.
    """
    return {
        "admin": {"address": _socket(plan.edge.admin)},
        "stats_flush_interval": "1s",  # histograms are merged at each: gates read them every second
        "layered_runtime": {
            "layers": [
                {"name": "plan", "static_layer": dict(shares.runtime())},
                {"name": "controller", "admin_layer": {}},
            ]
        },
        "static_resources": {
            "listeners": [_listener(plan, access_log)],
            "clusters": [
                _cluster("baseline", *plan.baseline.address, health="/deduper/health"),
                _cluster("candidate", *plan.candidate.address, health="/ready"),
            ],
        },
    }


def _listener(plan: Plan, access_log: str) -> Json:
    manager = {
        "stat_prefix": EDGE,
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
        "generate_request_id": True,
        "always_set_request_id_in_response": False,
        "server_header_transformation": "PASS_THROUGH",
        "stream_idle_timeout": f"{plan.edge.clear_timeout_seconds}s",
        "access_log": [_access_log(access_log)],
        "route_config": {
            "name": "workers",
            "virtual_hosts": [{"name": "workers", "domains": ["*"], "routes": _routes(plan)}],
        },
        "http_filters": [_bucket_filter(), _router()],
    }
    return {
        "name": "edge",
        "address": _socket(plan.edge.listen),
        "filter_chains": [{"filters": [_typed("http_connection_manager", _MANAGER, manager)]}],
    }


def _routes(plan: Plan) -> list[Json]:
    length = len(str(plan.candidate.job_id_start))
    owned = rf"/+deduper/jobs/0*[1-9][0-9]{{{length - 1},}}(/cancel)?"
    return [
        _route(r"/+deduper/jobs(/reportId/[^/]+)?", _split(CREATES), READ_TIMEOUT_SECONDS),
        _route(owned, {"cluster": "candidate"}, READ_TIMEOUT_SECONDS),
        _route(r"/+deduper/jobs/[0-9]+(/cancel)?", _split(LEGACY_IDS), READ_TIMEOUT_SECONDS),
        _route(r"/+deduper/clear-db-table", _split(SHARED), plan.edge.clear_timeout_seconds),
        _route(r"/.*", _split(SHARED), READ_TIMEOUT_SECONDS),
    ]


def _route(regex: str, target: Json, timeout_seconds: float) -> Json:
    action = {
        **target,
        "timeout": f"{timeout_seconds}s",
        "retry_policy": {"retry_on": "connect-failure", "num_retries": 1},
    }
    return {"match": {"safe_regex": {"regex": regex}}, "route": action}


def _split(key: str) -> Json:
    clusters = [{"name": "candidate", "weight": 0}, {"name": "baseline", "weight": 100}]
    return {
        "weighted_clusters": {
            "runtime_key_prefix": key,
            "header_name": BUCKET_HEADER,
            "clusters": clusters,
        }
    }


def _cluster(name: str, host: str, port: int, *, health: str) -> Json:
    endpoint = {"address": {"socket_address": {"address": host, "port_value": port}}}
    return {
        "name": name,
        "type": "STATIC" if _is_ip(host) else "STRICT_DNS",
        "connect_timeout": f"{CONNECT_TIMEOUT_SECONDS}s",
        "typed_extension_protocol_options": {_OPTIONS: _connection_options()},
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}],
        },
        # Health is shown, never acted on: with one endpoint each, traffic sent elsewhere by the
        # proxy on its own would hop between two owners. The controller decides, and latches.
        "common_lb_config": {"healthy_panic_threshold": {"value": 100}},
        "health_checks": [
            {
                "timeout": "1s",
                "interval": f"{HEALTH_INTERVAL_SECONDS}s",
                "unhealthy_threshold": 2,
                "healthy_threshold": 1,
                "http_health_check": {"path": health},
            }
        ],
    }


def _connection_options() -> Json:
    return {
        "@type": f"type.googleapis.com/{_OPTIONS}",
        "common_http_protocol_options": {"idle_timeout": f"{IDLE_CONNECTION_SECONDS}s"},
        "explicit_http_config": {"http_protocol_options": {}},
    }


def _access_log(path: str) -> Json:
    fields = {
        "time": "%START_TIME%",
        "method": "%REQ(:METHOD)%",
        "path": "%REQ(:PATH)%",
        "status": "%RESPONSE_CODE%",
        "flags": "%RESPONSE_FLAGS%",
        "cluster": "%UPSTREAM_CLUSTER%",
        "milliseconds": "%DURATION%",
        "bucket": f"%REQ({BUCKET_HEADER})%",
        "request_id": "%REQ(X-REQUEST-ID)%",
    }
    return _typed(
        "file",
        "envoy.extensions.access_loggers.file.v3.FileAccessLog",
        {"path": path, "log_format": {"json_format": fields}},
    )


def _bucket_filter() -> Json:
    code = resources.files("cutover.envoy").joinpath("bucket.lua").read_text()
    config = {"default_source_code": {"inline_string": code}}
    return _typed("bucket", "envoy.extensions.filters.http.lua.v3.Lua", config)


def _router() -> Json:
    return _typed("router", "envoy.extensions.filters.http.router.v3.Router", {})


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _socket(address: str) -> Json:
    host, port = address.rsplit(":", 1)
    return {"socket_address": {"address": host, "port_value": int(port)}}


def _typed(name: str, message: str, config: Json) -> Json:
    return {
        "name": f"envoy.{name}",
        "typed_config": {"@type": f"type.googleapis.com/{message}", **config},
    }


_MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
