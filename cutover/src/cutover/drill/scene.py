"""The processes of a drill: started, stopped, killed, started again, and all ended at the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cutover.drill.setting import Process, Setting
from cutover.envoy import process as envoy
from cutover.envoy.admin import Admin
from cutover.errors import EdgeError
from cutover.plan import Plan
from cutover.workers import WorkerView

START_LIMIT_SECONDS = 30.0
STOP_LIMIT_SECONDS = 20.0
POLL_SECONDS = 0.02
INHERITED = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
CONTROLLER = "controller"
EDGE = "edge"


@dataclass(slots=True)
class Scene:
    """Everything a drill runs. `folder` is scratch, `root` the repository of the drill file."""

    setting: Setting
    folder: Path
    root: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (*self.setting.processes, EDGE, "admin")
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))

    @property
    def plan(self) -> Plan:
        """The plan of this drill's cutover, on its own ports."""
        return Plan.model_validate(
            {
                "baseline": {"url": self.url("baseline")},
                "candidate": {"url": self.url("candidate"), "mark": self.mark},
                "edge": {
                    "listen": f"127.0.0.1:{self.ports[EDGE]}",
                    "admin": f"127.0.0.1:{self.ports['admin']}",
                },
                "harness": [self.filled(word) for word in self.setting.harness],
                "gates": {n: gate.model_dump() for n, gate in self.setting.gates.items()},
                "stage": [stage.model_dump() for stage in self.setting.stages],
            }
        )

    @property
    def mark(self) -> str:
        """What tells the candidate's children of this drill from all others on the machine."""
        return f"JOB_STORE={self.folder / 'jobs.sqlite3'}"

    @property
    def state(self) -> Path:
        """The folder of the cutover's ledger."""
        return self.folder / "cutover"

    @property
    def candidate(self) -> WorkerView:
        """The candidate, asked directly."""
        return WorkerView("candidate", self.url("candidate"))

    @property
    def baseline(self) -> WorkerView:
        """The baseline, asked directly."""
        return WorkerView("baseline", self.url("baseline"))

    def url(self, name: str) -> str:
        """Return the base URL of a process, without a slash at the end."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def prepare(self) -> None:
        """Run the preparing commands; raises CalledProcessError where one fails."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        for command in self.setting.prepare:
            subprocess.run(
                [self.filled(word) for word in command],
                env=self._environment({}),
                stdout=subprocess.DEVNULL,
                check=True,
            )

    def adopt(self) -> None:
        """Let the candidate take over the baseline's ended jobs; raises CalledProcessError."""
        environment = self.setting.processes["candidate"].environment
        subprocess.run(
            [self.filled(word) for word in self.setting.adopt],
            env=self._environment(environment),
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self, name: str) -> None:
        """Start a process of the drill file, and return when its port is open."""
        process: Process = self.setting.processes[name]
        command = [self.filled(word) for word in process.command]
        self._spawn(name, command, self._environment(process.environment))
        self._wait(name, lambda: _open(self.ports[name]))

    def start_edge(self) -> None:
        """Start Envoy on the plan of this drill."""
        self._spawn(EDGE, envoy.command(self.plan, self.folder / EDGE), dict(os.environ))
        self._wait(EDGE, Admin(self.plan.edge.admin).ready)

    def start_controller(self, plan_file: Path) -> None:
        """Start the watching controller as a process of its own."""
        options = ["--plan", str(plan_file), "--state", str(self.state), "start"]
        command = [sys.executable, "-m", "cutover", *options]
        self._spawn(CONTROLLER, command, dict(os.environ))

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process of this drill, and to no other."""
        self.running[name].send_signal(number)

    def kill(self, name: str) -> None:
        """SIGKILL a process and wait until it is gone."""
        self.send(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def stop(self, name: str) -> None:
        """Ask a process to end; SIGKILL where it does not within 20 s."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def clear_away(self) -> None:
        """End everything that still runs, the last started first."""
        for name in reversed(list(self.running)):
            self.stop(name)

    def filled(self, text: str) -> str:
        """Return a text of the drill file with its placeholders filled in."""
        places = {
            "python": sys.executable,
            "bin": str(Path(sys.executable).parent),
            "venv": sys.prefix,
            "root": str(self.root),
            "folder": str(self.folder),
            **{name: self.url(name) for name in self.ports},
            **{f"{name}_port": str(port) for name, port in self.ports.items()},
        }
        return text.format_map(places)

    def log(self, name: str) -> Path:
        """Return the file that holds what a process printed."""
        return self.folder / "logs" / f"{name}.out"

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        said = {**self.setting.environment, **own}
        return {**inherited, **{name: self.filled(value) for name, value in said.items()}}

    def _spawn(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        with self.log(name).open("ab") as output:
            self.running[name] = subprocess.Popen(
                command,
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        began = time.monotonic()
        while time.monotonic() < began + START_LIMIT_SECONDS and self.running[name].poll() is None:
            if ready():
                return
            time.sleep(POLL_SECONDS)
        printed = self.log(name).read_text(errors="replace")[-4000:]
        waited = time.monotonic() - began
        raise EdgeError(f"{name} did not start in {waited:.1f} s; it printed:\n{printed}")


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on right now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
