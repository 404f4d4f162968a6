"""A drill from the first process to the last line of the report."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import tomli_w

from cutover.drill import faults
from cutover.drill.audit import audit
from cutover.drill.findings import Findings, findings
from cutover.drill.load import ClientLedger, Generator
from cutover.drill.play import Play
from cutover.drill.report import markdown
from cutover.drill.scene import CONTROLLER, Scene
from cutover.drill.setting import Setting
from cutover.drill.timeline import svg

API = "api"
WORKERS = ("baseline", "candidate")


def drill(
    setting: Setting, root: Path, *, only: Sequence[str], tell: Callable[[str], None]
) -> Findings:
    """Run a whole drill and return what it showed.

    Args:
        setting: the drill file.
        root: the folder that `{root}` stands for.
        only: names of the faults to bring about; empty for all of the drill file.
        tell: shows progress, a line each.

    Raises:
        DrillError: something that was waited for did not come.
    """
    chosen = [(name, faults.known(name)) for name in only or setting.faults]
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    scene = Scene(setting, folder, root)
    try:
        found = asyncio.run(_drilled(scene, chosen, tell))
    except BaseException:
        tell(f"it broke off; what every process printed is kept in {folder}")
        raise
    finally:
        scene.clear_away()
    shutil.rmtree(folder)
    return found


def write_report(found: Findings, folder: Path) -> Path:
    """Write the report and its picture, named after the day; return the report's file."""
    folder.mkdir(parents=True, exist_ok=True)
    day = datetime.fromtimestamp(found.began, UTC).strftime("%Y-%m-%d")
    (folder / f"{day}.svg").write_text(svg(found))
    report = folder / f"{day}.md"
    report.write_text(markdown(found, f"{day}.svg"))
    return report


async def _drilled(
    scene: Scene, chosen: list[tuple[str, faults.Fault]], tell: Callable[[str], None]
) -> Findings:
    plan_file = _start(scene, tell)
    generator = Generator(scene.url(API), scene.url("edge"), scene.setting.load)
    played = asyncio.Event()
    play = Play(scene, plan_file, generator.ledger, tell)
    load = asyncio.create_task(generator.run(until=played))
    try:
        await play.run(chosen)
        played.set()
        await load
    except BaseException:
        load.cancel()
        raise
    await play.retire()
    return await asyncio.to_thread(_reckoned, scene, play, generator.ledger, tell)


def _start(scene: Scene, tell: Callable[[str], None]) -> Path:
    tell("preparing the database and starting both workers, the edge and the stand-in")
    scene.prepare()
    faults.prepare(scene)
    for name in (*WORKERS, API):
        if name == API:
            scene.start_edge()
        scene.start(name)
    plan_file = scene.folder / "cutover.toml"
    plan_file.write_text(tomli_w.dumps(scene.plan.model_dump(mode="json", by_alias=True)))
    return plan_file


def _reckoned(
    scene: Scene, play: Play, clients: ClientLedger, tell: Callable[[str], None]
) -> Findings:
    tell("asking for every job that was promised")
    scene.stop(CONTROLLER)
    found = audit(scene.url("edge"), clients, Path(scene.filled(scene.setting.run_log)), scene.mark)
    entries = play.controller.ledger.entries()
    access_log = scene.folder / "edge" / "access.log"
    return findings(entries, clients, found, access_log, scene.plan.candidate.job_id_start)
