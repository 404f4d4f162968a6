"""Addresses beside the routes: slashes too many or too few, unknown paths, pages unasked for."""

from __future__ import annotations

from parity_harness.discovery.inventory import Matched
from parity_harness.discovery.probes.families.negotiation import ORIGIN
from parity_harness.discovery.probes.ranks import LATER, LIKELY, ODD, USUAL, Case, Ranked
from parity_harness.model.exchange import Probe

PAGES = (
    "/docs",
    "/redoc",
    "/openapi.json",
    "/docs/oauth2-redirect",
    "/static/parity.txt",
    "/favicon.ico",
)

ODD_PATHS = (
    "/%zz",
    "/%FF",
    "/parity%2Fparity",
    "/./",
    "/../",
    "/parity;a=b",
    "/%E2%82%AC",
    "/a%00",
)


def probes(case: Case) -> Ranked:
    """Yield the address with other slashes; a body too, since a redirect may lose it."""
    path, _, query = case.draft.target.partition("?")
    tail = f"?{query}" if query else ""
    other = path.rstrip("/") if path.endswith("/") and path != "/" else f"{path.rstrip('/')}/"
    if path != "/":
        yield USUAL, case.draft.aimed(other + tail, "slash: trailing toggled")
    if case.operation is not case.route.operations[0]:
        return
    if path != "/":
        yield (
            LATER,
            case.draft.aimed(f"{other}?parity=1%202", "slash: trailing toggled, query kept"),
        )
        yield LATER, case.draft.aimed(path.rstrip("/") + "//", "slash: two trailing")
    yield LATER, case.draft.aimed(f"/{path}{tail}", "slash: two leading")
    if path.count("/") > 1:
        cut = path.rindex("/", 0, len(path) - 1)
        yield LATER, case.draft.aimed(path[:cut] + "/" + path[cut:] + tail, "slash: two inside")
    yield ODD, case.draft.aimed(path.upper() + tail, "path in capitals")
    yield ODD, case.draft.heading("Host", "other.example:8080").aimed(other + tail, "another Host")


def outside(matched: Matched) -> Ranked:
    """Yield requests that belong to no route."""
    yield LIKELY, Probe("GET", "/parity-no-such-path", purpose="unknown path")
    yield USUAL, Probe("POST", "/parity-no-such-path", purpose="unknown path, POST")
    yield LATER, Probe("OPTIONS", "/parity-no-such-path", purpose="unknown path, OPTIONS")
    yield LATER, Probe("HEAD", "/parity-no-such-path", purpose="unknown path, HEAD")
    accept = (("Accept", "application/json"), ("Origin", ORIGIN))
    yield LATER, Probe("GET", "/parity-no-such-path", accept, purpose="unknown path, CORS")
    for page in PAGES:
        yield USUAL, Probe("GET", page, purpose=f"page {page}")
    if not any(route.template == "/" for route in matched.routes):
        yield LIKELY, Probe("GET", "/", purpose="root")
    yield LATER, Probe("GET", "//", purpose="two slashes")
    for path in ODD_PATHS:
        yield ODD, Probe("GET", path, purpose=f"odd path {path}")
    yield from _below(matched)


def _below(matched: Matched) -> Ranked:
    """Yield paths just under known ones, which a catch-all or a mount may take."""
    plain = [route.template for route in matched.routes if "{" not in route.template]
    for template in dict.fromkeys(plain):
        target = template.rstrip("/") + "/parity/no/such"
        yield ODD, Probe("GET", target, purpose=f"unknown path below {template}")
