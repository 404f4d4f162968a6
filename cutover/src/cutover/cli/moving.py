"""`cutover promote`, `pause`, `abort`, `rollback`, `retry` and `retire`: what a person decides."""

from __future__ import annotations

import argparse
import getpass
from dataclasses import replace

from cutover.cli.parts import controller_of, workers_of
from cutover.controller import Controller
from cutover.errors import EdgeError
from cutover.gates import GateVerdict, together
from cutover.retirement import obstacle
from cutover.state import Move, Phase, Position
from cutover.watch import gate_verdicts

HELD = 1


def promote(options: argparse.Namespace) -> int:
    """Go on to the next stage now, or leave a pause.

    Held (exit code 1) while a gate of this stage has not passed: too few samples say nothing. Wait,
    or take it upon yourself:

        cutover promote --force --reason "nobody creates jobs on Sundays"
    """
    controller = controller_of(options)
    seen = controller.position
    verdicts = gate_verdicts(controller)
    passed = together(verdicts) is GateVerdict.PASSED
    if seen.phase is Phase.RUNNING and not passed and not options.force:
        waiting = ", ".join(f"{n} ({v})" for n, v in verdicts.items() if v != GateVerdict.PASSED)
        print(f"held: {waiting}. Wait for the gates, or say --force and why with --reason")
        return HELD
    return _made(controller, Move.PROMOTE, options, seen)


def pause(options: argparse.Namespace) -> int:
    """Stay at this stage, whatever the gates say; `cutover promote` leaves it.

    No gate is read meanwhile, so none can abort.
    """
    return _made(controller_of(options), Move.PAUSE, options)


def abort(options: argparse.Namespace) -> int:
    """All creates back to the Flask worker, and latched, because something is wrong.

    The candidate's jobs go on, and their ids are answered by it as before: do not stop it. Only
    `cutover retry` leaves the latch.
    """
    return _made(controller_of(options), Move.ABORT, options)


def rollback(options: argparse.Namespace) -> int:
    """All creates back to the Flask worker, and latched, with nothing wrong.

    Does what `abort` does; the history keeps the two apart.
    """
    return _made(controller_of(options), Move.ROLLBACK, options)


def retry(options: argparse.Namespace) -> int:
    """Leave the latch, and begin again at the first stage.

    cutover retry --reason "mended: the disk has room again"
    """
    return _made(controller_of(options), Move.RETRY, options)


def retire(options: argparse.Namespace) -> int:
    """Let the Flask worker go: its ids move to the FastAPI worker. There is no way back.

    Held (exit code 1) while a job of it has not ended, or the FastAPI worker does not answer for
    one. First: worker-python import-jobs --from URL-OF-THE-FLASK-WORKER
    """
    controller = controller_of(options)
    if not options.force and (why := obstacle(*workers_of(controller.plan))):
        print(f"held: {why}")
        return HELD
    return _made(replace(controller, adopted=lambda: True), Move.RETIRE, options)


def _made(
    controller: Controller, move: Move, options: argparse.Namespace, seen: Position | None = None
) -> int:
    """Make a move and say where it led."""
    try:
        controller.move(move, by=getpass.getuser(), reason=options.reason, seen=seen)
    except EdgeError as error:
        raise EdgeError(
            f"{move} is decided and written down, but {error}. Once Envoy answers again, "
            "a running `cutover start` tells it"
        ) from error
    position = controller.position
    stage = controller.plan.stages[position.stage]
    share = controller.creates_at(position)
    print(f"{position.phase} at stage “{stage.name}”: {share} % of creates to the candidate")
    return 0
