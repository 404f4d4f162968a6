"""A real Envoy routes by share, by report and by owner, and changes its mind at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from cutover.envoy import process
from cutover.envoy.admin import Admin
from cutover.envoy.shares import Shares
from cutover.plan import Edge, Plan

REPORTS = range(1, 200)
Ask = Callable[..., str]


@pytest.fixture(name="ask", scope="module")
def _ask(edge: tuple[Plan, Admin]) -> Iterator[Ask]:
    plan, _ = edge

    with httpx.Client() as client:
        yield (
            lambda path, method="GET": (
                client.request(method, f"http://{plan.edge.listen}{path}").text
            )
        )


@pytest.fixture(name="admin", scope="module")
def _admin(edge: tuple[Plan, Admin]) -> Admin:
    return edge[1]


@pytest.fixture(name="edge", scope="module")
def _edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plan, Admin]]:
    with ExitStack() as stack:
        baseline = stack.enter_context(_named("baseline"))
        candidate = stack.enter_context(_named("candidate"))
        plan = Plan.model_validate(
            {
                "baseline": {"url": f"http://127.0.0.1:{baseline}"},
                "candidate": {"url": f"http://127.0.0.1:{candidate}"},
                "edge": {"listen": f"127.0.0.1:{_free()}", "admin": f"127.0.0.1:{_free()}"},
                "stage": [{"name": "none", "share": 0}, {"name": "all", "share": 100}],
            }
        )
        stack.enter_context(process.running(plan, tmp_path_factory.mktemp("envoy")))
        yield plan, Admin(plan.edge.admin)


@pytest.mark.parametrize("share", [0, 100])
def test_at_the_ends_every_create_goes_to_one_worker(ask: Ask, admin: Admin, share: int) -> None:
    admin.set_shares(Shares(creates=share, shared=share))
    expected = "candidate" if share else "baseline"

    assert {ask(f"/deduper/jobs/reportId/{report}") for report in REPORTS} == {expected}
    assert {ask("/deduper/jobs") for _ in range(30)} == {expected}
    assert ask("//deduper/jobs") == expected
    assert ask("/deduper/jobs/list") == expected
    assert ask("/deduper/clear-db-table", "DELETE") == expected
    assert admin.shares() == Shares(share, share)


def test_a_report_that_went_over_stays_over_while_the_share_grows(ask: Ask, admin: Admin) -> None:
    over: set[int] = set()
    for share in (1, 10, 50, 90):
        admin.set_shares(Shares(creates=share, shared=0))
        now = {r for r in REPORTS if ask(f"/deduper/jobs/reportId/{r}") == "candidate"}
        assert over <= now
        over = now
    assert 0.8 * len(REPORTS) < len(over) < len(REPORTS)


def test_leading_zeros_do_not_move_a_report(ask: Ask, admin: Admin) -> None:
    admin.set_shares(Shares(creates=50, shared=0))

    for report in REPORTS:
        assert ask(f"/deduper/jobs/reportId/{report}") == ask(f"/deduper/jobs/reportId/00{report}")


def test_creates_without_a_report_are_split(ask: Ask, admin: Admin) -> None:
    admin.set_shares(Shares(creates=50, shared=0))

    split = Counter(ask("/deduper/jobs") for _ in range(200))
    assert min(split["baseline"], split["candidate"]) > 40


@pytest.mark.parametrize("share", [0, 50, 100])
@pytest.mark.parametrize("suffix", ["", "/cancel"])
def test_a_job_is_asked_of_its_owner_at_every_share(
    ask: Ask, admin: Admin, share: int, suffix: str
) -> None:
    admin.set_shares(Shares(creates=share, shared=share))

    for job, owner in {
        "1": "baseline",
        "999999": "baseline",
        "0000000012": "baseline",
        "1000000": "candidate",
        "001000000": "candidate",
        "98765432109876543210": "candidate",
    }.items():
        assert ask(f"/deduper/jobs/{job}{suffix}") == owner


@pytest.mark.parametrize("suffix", ["", "/cancel"])
def test_legacy_ids_move_by_a_key_of_their_own(ask: Ask, admin: Admin, suffix: str) -> None:
    for share, owner in ((0, "baseline"), (100, "candidate")):
        admin.set_shares(Shares(creates=100, shared=100, legacy_ids=share))

        assert ask(f"/deduper/jobs/7{suffix}") == owner
        assert ask(f"/deduper/jobs/1000000{suffix}") == "candidate"
        assert admin.shares().legacy_ids == share


def test_an_envoy_that_is_restarted_comes_up_with_the_shares_in_force(
    edge: tuple[Plan, Admin], tmp_path: Path
) -> None:
    shares = Shares(creates=50, shared=100, legacy_ids=100)
    free = {"listen": f"127.0.0.1:{_free()}", "admin": f"127.0.0.1:{_free()}"}
    plan = edge[0].model_copy(update={"edge": Edge.model_validate(free)})

    with process.running(plan, tmp_path, shares):
        admin = Admin(plan.edge.admin)

        assert admin.shares() == shares
        admin.set_shares(Shares(creates=0, shared=0))
        assert admin.shares() == Shares(0, 0, 0)


@contextmanager
def _named(name: str) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def do_GET(self) -> None:
            body = name.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_GET  # noqa: N815 - the name http.server calls

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _free() -> int:
    with _named("nobody") as port:
        return port
