"""The rights table as checked in: rights_table.csv holds action × stage × status × role; a change shows as a diff."""

from __future__ import annotations

import csv
import io
from itertools import product
from pathlib import Path

import pytest

from cycles.policy import (
    APPROVERS,
    FOREIGN_LEDGERS,
    STAGE_OF_ACTION,
    SUBMITTERS,
    Action,
    Role,
    Verdict,
    judge,
    may,
    roles_for,
)
from cycles.workflow import StageKind, StageStatus

TABLE = Path(__file__).with_name("rights_table.csv")


def written_out() -> str:
    """The table as code gives it: one line per action, stage and status, the roles that may."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["action", "stage", "status", "roles"])
    for action, stage, status in product(Action, StageKind, StageStatus):
        roles = " ".join(role.value for role in Role if may(role, action, stage, status))
        writer.writerow([action.value, stage.value, status.value, roles])
    return out.getvalue()


def test_the_code_gives_the_checked_in_table() -> None:
    assert TABLE.read_text() == written_out(), "write the table anew and let somebody look at the difference"


# DESIGN §2, typed off the page: who submits, who approves.
SAID = {
    "data": ("demand_planner finance", "supply_planner finance"),
    "demand": ("demand_planner", "finance demand_planner"),
    "supply": ("supply_planner", "finance supply_planner"),
    "reconciliation": ("finance", "executive finance"),
    "executive": ("finance", "executive"),
}


@pytest.mark.parametrize("stage", list(StageKind))
def test_submitters_and_approvers_are_those_of_the_design(stage: StageKind) -> None:
    submits, approves = SAID[stage.value]
    assert {role.value for role in SUBMITTERS[stage]} == set(submits.split())
    assert {role.value for role in APPROVERS[stage]} == set(approves.split())


def test_an_admin_neither_plans_nor_approves() -> None:
    allowed = {a for a, k, s in product(Action, StageKind, StageStatus) if may(Role.ADMIN, a, k, s)}
    assert allowed == {
        Action.VIEW,
        Action.EXPORT,
        Action.SET_UP,
        Action.OPEN_CYCLE,
        Action.ASSIGN_STAGE,
        Action.IMPORT,
        Action.COMMENT,
        Action.READ_INTEGRATIONS,
        Action.REVIEW_ACCESS,
    }


def test_a_viewer_looks_and_talks_and_a_stranger_nothing() -> None:
    allowed = {a for a, k, s in product(Action, StageKind, StageStatus) if may(Role.VIEWER, a, k, s)}
    assert allowed == {Action.VIEW, Action.EXPORT, Action.COMMENT}
    verdicts = {judge([], action, stage, status) for action, stage, status in product(Action, StageKind, StageStatus)}
    assert verdicts == {Verdict.NOT_YOU}


def test_edits_belong_to_their_own_open_stage() -> None:
    for action, own in STAGE_OF_ACTION.items():
        for stage, status in product(StageKind, StageStatus):
            anybody = any(may(role, action, stage, status) for role in Role)
            assert anybody == (stage == own and status == StageStatus.OPEN)


def test_not_now_and_not_you_are_told_apart() -> None:
    planner = [Role.DEMAND_PLANNER]
    assert judge(planner, Action.EDIT_DEMAND, StageKind.DEMAND, StageStatus.OPEN) == Verdict.ALLOWED
    assert judge(planner, Action.EDIT_DEMAND, StageKind.DEMAND, StageStatus.APPROVED) == Verdict.NOT_NOW
    assert judge(planner, Action.PIN_SUPPLY, StageKind.SUPPLY, StageStatus.OPEN) == Verdict.NOT_YOU


def test_the_executive_approver_has_edited_nothing() -> None:
    assert set(FOREIGN_LEDGERS[StageKind.EXECUTIVE]) == {"demand", "supply", "finance"}
    assert roles_for(Action.APPROVE_STAGE, StageKind.EXECUTIVE) == {Role.EXECUTIVE}
