"""What the verbs work with, made from the options: the plan's controller, and both workers."""

from __future__ import annotations

import argparse

from cutover.controller import Controller
from cutover.envoy.admin import Admin
from cutover.ledger import Ledger
from cutover.plan import Plan, load
from cutover.workers import WorkerView


def controller_of(options: argparse.Namespace) -> Controller:
    """Return the controller of a plan; raises `PlanError` where the plan is wrong."""
    plan = load(options.plan)
    _, candidate = workers_of(plan)
    admin = Admin(plan.edge.admin)
    return Controller(plan, Ledger(options.state), admin, candidate.answers_for_both)


def workers_of(plan: Plan) -> tuple[WorkerView, WorkerView]:
    """Return the baseline and the candidate."""
    return (
        WorkerView("baseline", str(plan.baseline.url).rstrip("/")),
        WorkerView("candidate", str(plan.candidate.url).rstrip("/")),
    )
