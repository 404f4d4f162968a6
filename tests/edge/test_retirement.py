"""The end of a cutover with everything real: both workers, Envoy, the commands of the runbook."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import tomli_w

from cutover.controller import Controller
from cutover.envoy import process
from cutover.envoy.admin import Admin
from cutover.ledger import Ledger
from cutover.plan import Plan
from cutover.state import Move
from rig import cutovers, jobs, workers
from rig.cutovers import FIRST_ID


@dataclass(frozen=True, slots=True)
class Scene:
    """Both workers behind Envoy, at 100 %."""

    flask: workers.Worker
    fastapi: workers.Worker
    edge: httpx.Client
    operator: cutovers.Operator

    def retire(self) -> subprocess.CompletedProcess[str]:
        """Say `cutover retire`."""
        return self.operator.says("cutover", "retire")

    def ids(self) -> list[int]:
        """Return the ids that a caller's list has."""
        return [job["jobId"] for job in self.listed()["jobs"]]

    def listed(self) -> dict[str, Any]:
        """Return a caller's list."""
        answer: dict[str, Any] = self.edge.get("/deduper/jobs/list").json()
        return answer


@pytest.fixture(name="scene")
def _scene(tmp_path: Path) -> Iterator[Scene]:
    environment = cutovers.environment(tmp_path)
    with ExitStack() as stack:
        flask = stack.enter_context(workers.running("flask", tmp_path, environment))
        bridged = {**environment, "LEGACY_WORKER_URL": flask.url}
        fastapi = stack.enter_context(workers.running("fastapi", tmp_path, bridged))
        values = _plan(flask.url, fastapi.url)
        (tmp_path / "cutover.toml").write_text(tomli_w.dumps(values))
        plan = Plan.model_validate(values)
        stack.enter_context(process.running(plan, tmp_path / "envoy"))
        edge = stack.enter_context(httpx.Client(base_url=f"http://{plan.edge.listen}"))
        move = _mover(plan, tmp_path / "var" / "cutover")
        move(Move.START)
        _ended(edge, edge.get("/deduper/jobs/reportId/84"))
        move(Move.PROMOTE)
        _ended(edge, edge.get("/deduper/jobs"))
        yield Scene(flask, fastapi, edge, cutovers.Operator(tmp_path, environment))


def test_every_job_is_answered_by_the_new_worker_alone(scene: Scene) -> None:
    before = {
        path: scene.edge.get(path).content for path in ("/deduper/jobs/1", "/deduper/jobs/list")
    }
    assert scene.ids() == [1, FIRST_ID]

    imported = scene.operator.says("worker-python", "import-jobs", "--from", scene.flask.url)
    retired = scene.retire()
    scene.flask.stop()

    assert (imported.returncode, retired.returncode) == (0, 0), imported.stderr + retired.stdout
    for path, content in before.items():
        assert scene.edge.get(path).content == content
    refused = scene.edge.post("/deduper/jobs/1/cancel")
    assert refused.json() == {"error": "Cannot cancel job with status: completed"}
    assert scene.edge.get("/deduper/health").json()["jobs"]["total"] == 2
    assert "partial" not in scene.edge.delete("/deduper/clear-db-table").json()


def test_without_the_import_it_holds_and_nothing_moves(scene: Scene) -> None:
    held = scene.retire()

    assert held.returncode == 1
    assert f"worker-python import-jobs --from {scene.flask.url}" in held.stdout
    assert scene.edge.get("/deduper/jobs/1").status_code == 200


def test_a_clear_through_the_edge_cancels_at_both(scene: Scene) -> None:
    cleared = scene.edge.delete("/deduper/clear-db-table").json()

    assert (cleared["cleared"], cleared["cancelledJobs"]) == (True, [])
    assert "partial" not in cleared


def test_while_the_old_worker_is_away_the_list_says_that_it_is_partial(scene: Scene) -> None:
    scene.flask.stop()

    listed = scene.listed()

    assert listed["partial"] is True
    assert [job["jobId"] for job in listed["jobs"]] == [FIRST_ID]


def _plan(baseline: str, candidate: str) -> dict[str, Any]:
    return {
        "baseline": {"url": baseline},
        "candidate": {"url": candidate, "job_id_start": FIRST_ID},
        "edge": {
            "listen": f"127.0.0.1:{workers.free_port()}",
            "admin": f"127.0.0.1:{workers.free_port()}",
        },
        "stage": [{"name": "none", "share": 0}, {"name": "all", "share": 100}],
    }


def _mover(plan: Plan, state: Path) -> Callable[[Move], object]:
    controller = Controller(plan, Ledger(state), Admin(plan.edge.admin), lambda: True)
    return lambda move: controller.move(move, by="test", reason="because")


def _ended(edge: httpx.Client, created: httpx.Response) -> None:
    assert created.status_code == 201
    jobs.wait_for_job(str(edge.base_url).rstrip("/"), created.json()["jobId"])
