"""One month from ERP files to an approved plan, stage by stage, as the service users."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from cycles.calc.rhythm import following_month
from cycles.errors import DomainError
from cycles.models import Plan, Run, RunState
from cycles.policy import Role
from cycles.selectors import is_approved, latest_plan, service_user, stage_of
from cycles.services.cycles import open_cycle, open_next_cycle
from cycles.services.packs import load_pack
from cycles.services.runs import drain_runs
from cycles.services.stages import approve_stage, submit_stage
from cycles.workflow import StageKind, StageStatus
from sop_portal.headless.answers import answer_stage
from sop_portal.headless.measures import Steps
from sop_portal.headless.rules import Rules

#: Who submits and who approves: the same people as on the pages, one service user per role.
WALK: tuple[tuple[StageKind, Role, Role], ...] = (
    (StageKind.DATA, Role.DEMAND_PLANNER, Role.FINANCE),
    (StageKind.DEMAND, Role.DEMAND_PLANNER, Role.FINANCE),
    (StageKind.SUPPLY, Role.SUPPLY_PLANNER, Role.FINANCE),
    (StageKind.RECONCILIATION, Role.FINANCE, Role.EXECUTIVE),
    (StageKind.EXECUTIVE, Role.FINANCE, Role.EXECUTIVE),
)


#: A first cycle is opened by a company that is set up: its horizon is the company's.
COMPANY = ("company",)


class RunStopped(DomainError):
    """A calculation that the month needs did not succeed."""


@dataclass(frozen=True, slots=True)
class Month:
    """What one month needs: its first day, the folder of files, the rules for what is open, and the stop watch."""

    first: date
    pack: Path
    rules: Rules
    steps: Steps


def run_month(month: Month) -> Plan:
    """Open the cycle, import the pack, walk the five stages to the executive approval; return the approved plan.

    Edits nothing. What is open is answered by the rules only. A month that was stopped goes on where it stands: its
    approved stages stay as they are, and files come in only while its data stage is open.

    Raises:
        GateBlocked, NoRule: something is open that no rule answers; the stage stays where it is.
        ImportRefused: a file has faults; nothing of it was applied.
        RunStopped: a calculation failed.
        NotAllowedNow: the cycle is not the next one.
    """
    with month.steps.measure("open"):
        if latest_plan() is None:
            import_files(month.pack, only=COMPANY)
        plan = _open(month.first)
        settle_runs()
    if stage_of(plan, StageKind.DATA).status == StageStatus.OPEN:
        with month.steps.measure("import"):
            import_files(month.pack)
    for kind, submitter, approver in WALK:
        with month.steps.measure(kind.value):
            walk_stage(plan, kind, submitter=submitter, approver=approver, rules=month.rules)
        with month.steps.measure(f"after {kind.value}"):
            settle_runs()
    plan.refresh_from_db()
    return plan


def import_files(pack: Path, *, only: Collection[str] = ()) -> None:
    """Import every file of a registered dataset in the pack, in the datasets' order; the same file changes nothing.

    Args:
        pack: the folder.
        only: names of datasets to import; all when empty.

    Raises:
        ImportRefused, PackRefused, RunStopped.
    """
    _insist(list(load_pack(directory=pack, actor=service_user(Role.DEMAND_PLANNER), only=only)))


def walk_stage(plan: Plan, kind: StageKind, *, submitter: Role, approver: Role, rules: Rules) -> None:
    """Answer what is open in a stage by the rules, submit it and approve it; an approved stage stays as it is.

    The answers of a stage are given together or, where one lacks its rule, not at all.

    Raises:
        GateBlocked, NoRule: as in `run_month`.
    """
    plan.refresh_from_db()
    stage = stage_of(plan, kind)
    if stage.status == StageStatus.APPROVED:
        return
    comment = "Walked without hands; open points answered by recorded rules only."
    if stage.status == StageStatus.OPEN:
        with transaction.atomic():
            answer_stage(stage, rules=rules)
        settle_runs()
        submit_stage(stage_id=stage.pk, actor=service_user(submitter), comment=comment)
    approve_stage(stage_id=stage.pk, actor=service_user(approver), comment=comment)


def settle_runs() -> list[Run]:
    """Execute everything queued and insist that it succeeded.

    Raises:
        RunStopped: names the calculation and its message.
    """
    return _insist(drain_runs())


def _insist(runs: list[Run]) -> list[Run]:
    stopped = [run for run in runs if run.state in (RunState.FAILED, RunState.PARKED)]
    if stopped:
        raise RunStopped("; ".join(f"{run.kind} {run.state}: {run.message}" for run in stopped))
    return runs


def _open(first: date) -> Plan:
    """The cycle of `first`: the one in progress, the next one after the last approved plan, or the very first."""
    actor = service_user(Role.DEMAND_PLANNER)
    last = latest_plan()
    if last is None:
        return open_cycle(month=first, actor=actor)
    if last.first_month == first and not is_approved(last):
        return last
    following = following_month(last.first_month)
    if following != first:
        raise RunStopped(
            f"The next cycle is {following:%Y-%m}, not {first:%Y-%m}: months are rolled forward one by one."
        )
    return open_next_cycle(actor=actor)
