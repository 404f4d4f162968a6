"""The guard: the small parent that owns an attempt's process tree and leaves nothing of it behind.

It is a script, run once per attempt as `python -I -S guard.py REPORT PARENT GRACE ARGV…`:

    REPORT   descriptor on which it tells its parent `started PID`, `exited CODE` or `failed ERRNO`
    PARENT   pid of the service; any other parent means that the service is gone
    GRACE    seconds between SIGTERM and SIGKILL
    stdin    the lifeline: a byte or the end of file means that everything has to go

The command's exit, a byte on the lifeline, SIGTERM or the service's death start the sweep: TERM,
grace, KILL to every descendant, those that changed session included, for a subreaper inherits
every orphan below it. The guard exits, with 0, when it has no child left: no earlier, no later.

Its start is what an attempt pays over a bare spawn. Hence `posix` for `os`, `_signal` for
`signal` and `_ctypes` for `ctypes`: the same functions without 1, 7 and 4 ms of imports.
"""

import _signal as signal  # type: ignore[import-not-found]  # typeshed has no stub of it
import posix
import select
import sys
import time

LIFELINE = 0
PARENT_DIED = signal.SIGUSR1  # by the kernel, even where only the thread that started us has ended
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LINUX = sys.platform.startswith("linux")
LISTS_CHILDREN = posix.access("/proc/thread-self/children", posix.R_OK)


class Guard:
    """Starts one command and outlives all of its descendants."""

    def __init__(self, *, report: int, parent: int, grace_seconds: float) -> None:
        self._report = report
        self._parent = parent
        self._grace_seconds = grace_seconds
        self._command = 0
        self._deadline: float | None = None
        self._asked: set[int] = set()
        self._wakeup = _signals_as_bytes()
        self._events = select.poll()
        self._events.register(LIFELINE, select.POLLIN)
        self._events.register(self._wakeup, select.POLLIN)

    def start(self, argv: list[str]) -> bool:
        """Start the command in a session of its own, unless the end was asked for already."""
        if LINUX:
            _prctl(PR_SET_CHILD_SUBREAPER, 1)
            _prctl(PR_SET_PDEATHSIG, PARENT_DIED)
        if posix.getppid() != self._parent or self._events.poll(0):
            return False
        try:
            self._command = _spawn(argv, without=self._report)
        except OSError as error:
            self._tell(f"failed {error.errno}")
            return False
        self._tell(f"started {self._command}")
        return True

    def run(self) -> None:
        """Return when the last descendant is gone."""
        while self._reap():
            if self._deadline is not None:
                self._sweep(self._deadline)
            self._wait()

    def _reap(self) -> bool:
        while True:
            try:
                pid, status = posix.waitpid(-1, posix.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._command:
                self._tell(f"exited {posix.waitstatus_to_exitcode(status)}")
                self._stop()

    def _sweep(self, deadline: float) -> None:
        # Whoever is missed here was forked by somebody who dies of it, and that death wakes us.
        # By group, because the kernel lets nobody fork out of a group while it is signalled.
        groups = _groups_below(posix.getpid()) if LISTS_CHILDREN else {self._command}
        if time.monotonic() >= deadline:
            _signal_groups(groups, signal.SIGKILL)
            return
        _signal_groups(groups - self._asked, signal.SIGTERM)
        _signal_groups(groups - self._asked, signal.SIGCONT)
        self._asked |= groups

    def _wait(self) -> None:
        for descriptor, _ in self._events.poll(self._milliseconds_left()):
            if descriptor == LIFELINE:
                self._events.unregister(LIFELINE)
                self._stop()
            else:
                self._heed(posix.read(self._wakeup, 512))

    def _milliseconds_left(self) -> int | None:
        left = 0.0 if self._deadline is None else self._deadline - time.monotonic()
        return int(left * 1000) + 1 if left > 0 else None

    def _heed(self, signals: bytes) -> None:
        for number in signals:
            orphaned = number == PARENT_DIED and posix.getppid() != self._parent
            if orphaned or number in STOP_SIGNALS:
                self._stop()

    def _stop(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + self._grace_seconds

    def _tell(self, line: str) -> None:
        try:
            posix.write(self._report, f"{line}\n".encode())
        except BrokenPipeError:
            self._stop()  # nobody is left to be told


def main(arguments: list[str]) -> int:
    """Guard one command from its start to the end of its last descendant."""
    report, parent, grace_seconds, *argv = arguments
    guard = Guard(report=int(report), parent=int(parent), grace_seconds=float(grace_seconds))
    if guard.start(argv):
        guard.run()
    return 0


def _signals_as_bytes() -> int:
    reader, writer = posix.pipe()
    posix.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, PARENT_DIED, *STOP_SIGNALS):
        signal.signal(number, lambda _number, _frame: None)  # without one, no byte is written
    return reader


def _prctl(option: int, value: int) -> None:
    from _ctypes import call_function, dlopen, dlsym  # noqa: PLC0415 - only Linux has the call

    itself = dlopen(None, 0)  # type: ignore[arg-type]  # dlopen(3): NULL is this program
    if call_function(dlsym(itself, "prctl"), (option, value, 0, 0, 0)) != 0:
        raise OSError(f"prctl({option}, {value}) was refused")


def _spawn(argv: list[str], *, without: int) -> int:
    return posix.posix_spawnp(
        argv[0],
        argv,
        _environment(),
        file_actions=[
            (posix.POSIX_SPAWN_CLOSE, without),
            (posix.POSIX_SPAWN_OPEN, 0, "/dev/null", posix.O_RDONLY, 0),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=IGNORED_BY_PYTHON,
    )


def _environment() -> dict[bytes, bytes]:
    # As it was given: in the C locale Python adds LC_CTYPE to its own (PEP 538).
    if not LINUX:
        return posix.environ
    entries = _read("/proc/self/environ").split(b"\0")
    return dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)


def _groups_below(pid: int) -> set[int]:
    groups = set()
    descendants = _children(pid)
    for descendant in descendants:  # grows while it is walked
        descendants += _children(descendant)
        try:
            groups.add(posix.getpgid(descendant))
        except ProcessLookupError:
            continue
    return groups


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in posix.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended while we looked; its children are ours now
    return found


def _signal_groups(groups: set[int], number: int) -> None:
    for group in groups:
        try:
            posix.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue  # gone already; or another user's, then we stay until it has ended


def _read(path: str) -> bytes:
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        content = b""
        while chunk := posix.read(descriptor, 65536):
            content += chunk
        return content
    finally:
        posix.close(descriptor)


if __name__ == "__main__":
    posix._exit(main(sys.argv[1:]))  # noqa: SLF001 - its public name; skips a clean-up of 2 ms
