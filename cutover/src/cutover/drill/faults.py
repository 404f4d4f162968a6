"""Faults of the new worker, each brought about for real and healed again."""

from __future__ import annotations

import resource
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cutover.drill.scene import Scene
from cutover.errors import PlanError

CANDIDATE = "candidate"


class Fault(ABC):
    """Something that goes wrong; `says` completes *the candidate …*."""

    says: str

    @abstractmethod
    def apply(self, scene: Scene) -> None:
        """Make it go wrong."""

    @abstractmethod
    def heal(self, scene: Scene) -> None:
        """Put it right, as an operator would after the rollback."""


class Killed(Fault):
    """SIGKILL, and started again by hand."""

    says = "is killed with SIGKILL"

    def apply(self, scene: Scene) -> None:
        """Kill it."""
        scene.kill(CANDIDATE)

    def heal(self, scene: Scene) -> None:
        """Start it on the same store."""
        scene.start(CANDIDATE)


class Hanging(Fault):
    """SIGSTOP: connections are accepted by the kernel, and nothing is answered."""

    says = "hangs"

    def apply(self, scene: Scene) -> None:
        """Stop it."""
        scene.send(CANDIDATE, signal.SIGSTOP)

    def heal(self, scene: Scene) -> None:
        """Let it go on."""
        scene.send(CANDIDATE, signal.SIGCONT)


@dataclass(slots=True)
class BadRelease(Fault):
    """The release answers as the fault file says; see the drill file's candidate."""

    says: str
    content: str

    def apply(self, scene: Scene) -> None:
        """Write the fault file."""
        self._file(scene).write_text(self.content)

    def heal(self, scene: Scene) -> None:
        """Take it away."""
        self._file(scene).unlink()

    def _file(self, scene: Scene) -> Path:
        return scene.folder / "fault"


class FailingChildren(Fault):
    """The deduper that the candidate starts is another one, which fails at once."""

    says = "starts children that fail"

    def apply(self, scene: Scene) -> None:
        """Point the candidate's deduper at a folder whose program exits 1."""
        broken = scene.folder / "broken-deduper" / "src"
        broken.mkdir(parents=True, exist_ok=True)
        (broken / "main.py").write_text("raise SystemExit('broken on purpose')\n")
        _point(scene, broken.parent)

    def heal(self, scene: Scene) -> None:
        """Point it back."""
        _point(scene, scene.root / "deduper")


class FullDisk(Fault):
    """No file can grow: RLIMIT_FSIZE of the running process.

    A full disk differs from it in nothing but the number of the error.
    """

    says = "finds its disk full"

    def apply(self, scene: Scene) -> None:
        """Let no file of it grow."""
        self._limit(scene, 1)

    def heal(self, scene: Scene) -> None:
        """Let its files grow again."""
        self._limit(scene, resource.RLIM_INFINITY)

    def _limit(self, scene: Scene, size: int) -> None:
        pid = scene.running[CANDIDATE].pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


FAULTS: Mapping[str, Fault] = {
    "killed": Killed(),
    "hanging": Hanging(),
    "errors": BadRelease("answers 500", "errors"),
    "shape": BadRelease("answers in a wrong shape", "shape"),
    "wording": BadRelease("says “not found” in FastAPI's own words", "wording"),
    "children": FailingChildren(),
    "disk": FullDisk(),
}


def deduper_link(scene: Scene) -> Path:
    """Return the link that the candidate's deduper path goes through."""
    return scene.folder / "deduper-of-candidate"


def prepare(scene: Scene) -> None:
    """Lay out what the faults need."""
    _point(scene, scene.root / "deduper")


def known(name: str) -> Fault:
    """Return a fault by its name; raises `PlanError` that lists them all."""
    if name not in FAULTS:
        raise PlanError("the drill", [f"no fault is called {name!r}: {', '.join(FAULTS)}"])
    return FAULTS[name]


def _point(scene: Scene, folder: Path) -> None:
    fresh = deduper_link(scene).with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder)
    fresh.replace(deduper_link(scene))
