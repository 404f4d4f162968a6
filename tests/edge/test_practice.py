"""What docs/runbook/practise.md tells to try by hand, tried: with its plan and its commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rig import cutovers, jobs, workers
from rig.cutovers import FIRST_ID

PLAN = re.sub(
    r"interval_seconds = (\d)",
    lambda found: f"interval_seconds = {int(found[1]) / 2}",  # nobody looks on here
    (workers.ROOT / "cutover" / "practice.toml").read_text(),
)
PORTS = {"flask": 5000, "fastapi": 8000, "edge": 8080, "admin": 9901}
HALF = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """Both workers behind `cutover edge`; nothing has been started yet."""

    operator: cutovers.Operator
    ports: dict[str, int]
    fastapi: workers.Worker

    def creates(self, reports: range) -> list[int]:
        """Create a job for each report through the edge, and return their ids."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.ports['edge']}") as client:
            answers = [client.get(f"/deduper/jobs/reportId/{report}") for report in reports]
        return [answer.raise_for_status().json()["jobId"] for answer in answers]

    def detail(self, job: int) -> httpx.Response:
        """Ask the edge for a job."""
        return httpx.get(f"http://127.0.0.1:{self.ports['edge']}/deduper/jobs/{job}")

    @contextmanager
    def at_half(self) -> Iterator[None]:
        """Watch the gates; enter the block once half of the creates goes over."""
        with self.operator.keeps("cutover", "start"):
            self.operator.waits(lambda status: status["stage"]["index"] == HALF)
            yield


@pytest.fixture(name="scene")
def _scene(tmp_path: Path) -> Iterator[Scene]:
    environment = {**cutovers.environment(tmp_path), "RETRY_LOST_JOBS": "true"}
    ports = {name: workers.free_port() for name in PORTS}
    plan = PLAN
    for name, usual in PORTS.items():
        plan = plan.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{ports[name]}")
    (tmp_path / "cutover.toml").write_text(plan)
    operator = cutovers.Operator(tmp_path, environment)
    with ExitStack() as stack:
        flask = workers.running("flask", tmp_path, environment, port=ports["flask"])
        bridged = {**environment, "LEGACY_WORKER_URL": stack.enter_context(flask).url}
        fastapi = workers.running("fastapi", tmp_path, bridged, port=ports["fastapi"])
        worker = stack.enter_context(fastapi)
        stack.enter_context(operator.keeps("cutover", "edge"))
        yield Scene(operator, ports, worker)


def test_promoting_is_held_while_there_are_no_samples(scene: Scene) -> None:
    with scene.at_half():
        scene.operator.waits(lambda status: status["gates"]["ready"]["verdict"] == "passed")

        held = scene.operator.says("cutover", "promote")
        assert (held.returncode, held.stdout.split(".")[0]) == (1, "held: jobs (inconclusive)")
        assert scene.operator.status()["stage"]["index"] == HALF

        scene.operator.does("promote", "--force", "--reason", "to try it")
        assert scene.operator.status()["shares"]["creates"] == 100


def test_a_person_pauses_goes_on_and_rolls_back(scene: Scene) -> None:
    with scene.at_half():
        scene.operator.does("pause", "--reason", "over the weekend")
        assert scene.operator.status()["phase"] == "paused"
        scene.operator.does("promote")
        assert (scene.operator.status()["phase"], scene.operator.status()["stage"]["index"]) == (
            "running",
            HALF,
        )

        scene.operator.does("rollback", "--reason", "practice")
        assert "candidate: 0 % of creates, 100 % of list" in scene.operator.does("status")
        scene.operator.does("retry", "--reason", "practice")
        scene.operator.waits(lambda status: status["stage"]["index"] == HALF)
    assert "move=rollback" in scene.operator.does("history")


def test_a_killed_controller_loses_nothing_and_the_next_goes_on(scene: Scene) -> None:
    with scene.operator.keeps("cutover", "start") as controller:
        scene.operator.waits(lambda status: status["stage"]["index"] == HALF)
        controller.kill()
        controller.wait()

    status = scene.operator.status()
    assert (status["phase"], status["stage"]["index"]) == ("running", HALF)
    assert status["shares"]["creates"] == 50
    assert {job >= FIRST_ID for job in scene.creates(range(1, 9))} == {True, False}

    with scene.at_half():
        second = scene.operator.says("cutover", "start")
        assert (second.returncode, "another controller" in second.stderr) == (2, True)

        ids = scene.creates(range(1, 9))
        status = scene.operator.waits(lambda status: status["stage"]["index"] > HALF)
    assert sum(status["jobs"]["candidate"].values()) == 2 * sum(job >= FIRST_ID for job in ids)


def test_a_new_worker_killed_at_half_is_left_and_its_jobs_come_back(scene: Scene) -> None:
    with scene.at_half():
        theirs = [job for job in scene.creates(range(1, 9)) if job >= FIRST_ID]
        scene.fastapi.process.kill()
        status = scene.operator.waits(lambda status: status["phase"] == "aborted")

        assert status["last_move"]["by"] == "gate ready"
        assert all(job < FIRST_ID for job in scene.creates(range(1, 9)))
        refused = scene.operator.says("cutover", "promote")
        assert (refused.returncode, "retry would" in refused.stderr) == (2, True)

        environment = scene.operator.environment
        folder, port = scene.operator.folder, scene.ports["fastapi"]
        with workers.running("fastapi", folder, environment, port=port) as again:
            for job in theirs:
                jobs.wait_for_job(again.url, job)
                assert scene.detail(job).json()["status"] == "completed"
            assert scene.operator.status()["phase"] == "aborted", "latched, whoever answers again"
            scene.operator.does("retry", "--reason", "mended")
            scene.operator.waits(lambda status: status["stage"]["index"] == HALF)
