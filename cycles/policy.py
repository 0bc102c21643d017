"""Who may do what and when: one pure table of role × action × stage × status. No Django, no database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cycles.workflow import StageKind, StageStatus


class Role(StrEnum):
    """What a membership makes of a person."""

    ADMIN = "admin"
    DEMAND_PLANNER = "demand_planner"
    SUPPLY_PLANNER = "supply_planner"
    FINANCE = "finance"
    EXECUTIVE = "executive"
    VIEWER = "viewer"
    INTEGRATION = "integration"

    @property
    def label(self) -> str:
        """The name people read."""
        return self.value.replace("_", " ").capitalize()


class Action(StrEnum):
    """Everything a person can ask for that changes or reveals something."""

    VIEW = "view"
    EXPORT = "export"
    SET_UP = "set_up"
    OPEN_CYCLE = "open_cycle"
    IMPORT = "import"
    SUBMIT_STAGE = "submit_stage"
    APPROVE_STAGE = "approve_stage"
    RETURN_STAGE = "return_stage"
    REOPEN_STAGE = "reopen_stage"
    WAIVE_FINDING = "waive_finding"
    EDIT_DEMAND = "edit_demand"
    RUN_BASELINE = "run_baseline"
    PIN_SUPPLY = "pin_supply"
    RUN_SUPPLY = "run_supply"
    ADJUST = "adjust"
    NAME_ACTION = "name_action"
    RUN_LANDING = "run_landing"
    RECORD_ASSUMPTION = "record_assumption"
    RECORD_DECISION = "record_decision"
    TAKE_DECISION = "take_decision"
    ASSIGN_STAGE = "assign_stage"
    READ_INTEGRATIONS = "read_integrations"
    COMMENT = "comment"
    REVIEW_ACCESS = "review_access"
    SIGN_ACCESS_REVIEW = "sign_access_review"
    CHECK_MODEL = "check_model"
    PROPOSE_EDIT = "propose_edit"


class Verdict(StrEnum):
    """The answer of the table. `not_now`: your role may, but not in this status."""

    ALLOWED = "allowed"
    NOT_YOU = "not_you"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class Right:
    """One row of the table: these roles, while the stage has one of these statuses."""

    roles: frozenset[Role]
    statuses: frozenset[StageStatus]


_ANY = frozenset(StageStatus)
_OPEN = frozenset({StageStatus.OPEN})
_SUBMITTED = frozenset({StageStatus.SUBMITTED})
_APPROVED = frozenset({StageStatus.APPROVED})
_PEOPLE = frozenset(set(Role) - {Role.INTEGRATION})
_PLANNERS = frozenset({Role.DEMAND_PLANNER, Role.SUPPLY_PLANNER, Role.FINANCE})

SUBMITTERS: dict[StageKind, frozenset[Role]] = {
    StageKind.DATA: frozenset({Role.DEMAND_PLANNER, Role.FINANCE}),
    StageKind.DEMAND: frozenset({Role.DEMAND_PLANNER}),
    StageKind.SUPPLY: frozenset({Role.SUPPLY_PLANNER}),
    StageKind.RECONCILIATION: frozenset({Role.FINANCE}),
    StageKind.EXECUTIVE: frozenset({Role.FINANCE}),
}

APPROVERS: dict[StageKind, frozenset[Role]] = {
    StageKind.DATA: frozenset({Role.SUPPLY_PLANNER, Role.FINANCE}),
    StageKind.DEMAND: frozenset({Role.FINANCE, Role.DEMAND_PLANNER}),
    StageKind.SUPPLY: frozenset({Role.FINANCE, Role.SUPPLY_PLANNER}),
    StageKind.RECONCILIATION: frozenset({Role.EXECUTIVE, Role.FINANCE}),
    StageKind.EXECUTIVE: frozenset({Role.EXECUTIVE}),
}

#: Ledgers in which the approver of a stage must not have an entry in this plan.
FOREIGN_LEDGERS: dict[StageKind, tuple[str, ...]] = {
    StageKind.DATA: (),
    StageKind.DEMAND: ("demand",),
    StageKind.SUPPLY: ("supply",),
    StageKind.RECONCILIATION: ("finance",),
    StageKind.EXECUTIVE: ("demand", "supply", "finance"),
}

#: The stage whose status decides about an action of a plan.
STAGE_OF_ACTION: dict[Action, StageKind] = {
    Action.EDIT_DEMAND: StageKind.DEMAND,
    Action.RUN_BASELINE: StageKind.DEMAND,
    Action.PIN_SUPPLY: StageKind.SUPPLY,
    Action.RUN_SUPPLY: StageKind.SUPPLY,
    Action.ADJUST: StageKind.RECONCILIATION,
    Action.NAME_ACTION: StageKind.RECONCILIATION,
}

_STAGE_FREE: dict[Action, frozenset[Role]] = {
    Action.VIEW: _PEOPLE,
    Action.EXPORT: frozenset(Role),
    Action.SET_UP: frozenset({Role.ADMIN}),
    Action.OPEN_CYCLE: frozenset({Role.ADMIN, Role.DEMAND_PLANNER, Role.FINANCE}),
    Action.ASSIGN_STAGE: frozenset({Role.ADMIN, Role.DEMAND_PLANNER, Role.FINANCE}),
    Action.RUN_LANDING: _PLANNERS,
    Action.READ_INTEGRATIONS: frozenset({Role.ADMIN, Role.FINANCE, Role.SUPPLY_PLANNER}),
    Action.COMMENT: _PEOPLE,
    Action.REVIEW_ACCESS: frozenset({Role.ADMIN, Role.FINANCE, Role.EXECUTIVE}),
    Action.SIGN_ACCESS_REVIEW: frozenset({Role.FINANCE, Role.EXECUTIVE}),
    Action.CHECK_MODEL: frozenset({Role.FINANCE}),
    Action.PROPOSE_EDIT: _PLANNERS,
}

_OWN_STAGE: dict[Action, Right] = {
    Action.EDIT_DEMAND: Right(frozenset({Role.DEMAND_PLANNER}), _OPEN),
    Action.RUN_BASELINE: Right(frozenset({Role.DEMAND_PLANNER}), _OPEN),
    Action.PIN_SUPPLY: Right(frozenset({Role.SUPPLY_PLANNER}), _OPEN),
    Action.RUN_SUPPLY: Right(frozenset({Role.SUPPLY_PLANNER}), _OPEN),
    Action.ADJUST: Right(frozenset({Role.FINANCE}), _OPEN),
    Action.NAME_ACTION: Right(_PLANNERS, _OPEN),
}


def right_of(action: Action, stage: StageKind) -> Right:
    """Return the row of the table for an action that concerns `stage`.

    Actions outside the stages (view, export, set up, …) hold in any status. An action that belongs to another stage
    (a demand edit, asked of the supply stage) has no roles.
    """
    if action in _STAGE_FREE:
        return Right(_STAGE_FREE[action], _ANY)
    if action in _OWN_STAGE:
        return _OWN_STAGE[action] if STAGE_OF_ACTION[action] == stage else Right(frozenset(), frozenset())
    approvers = APPROVERS[stage]
    rows = {
        Action.IMPORT: Right(_PLANNERS | {Role.ADMIN, Role.INTEGRATION}, _OPEN)
        if stage == StageKind.DATA
        else Right(frozenset(), frozenset()),
        Action.SUBMIT_STAGE: Right(SUBMITTERS[stage], _OPEN),
        Action.WAIVE_FINDING: Right(SUBMITTERS[stage], _OPEN),
        Action.APPROVE_STAGE: Right(approvers, _SUBMITTED),
        Action.RETURN_STAGE: Right(approvers, _SUBMITTED),
        Action.REOPEN_STAGE: Right(approvers, _APPROVED),
        Action.RECORD_ASSUMPTION: Right(_PLANNERS, _OPEN),
        Action.RECORD_DECISION: Right(_PLANNERS | {Role.EXECUTIVE}, _OPEN | _SUBMITTED),
        Action.TAKE_DECISION: Right(frozenset({Role.EXECUTIVE, Role.FINANCE}), _OPEN | _SUBMITTED),
    }
    return rows[action]


def may(role: Role, action: Action, stage: StageKind, status: StageStatus) -> bool:
    """Return whether one role may do `action` on a stage of this kind in this status."""
    right = right_of(action, stage)
    return role in right.roles and status in right.statuses


def judge(roles: Iterable[Role], action: Action, stage: StageKind, status: StageStatus) -> Verdict:
    """Return the verdict over all roles of a person: allowed, not to you, or not now."""
    right = right_of(action, stage)
    if not right.roles.intersection(roles):
        return Verdict.NOT_YOU
    return Verdict.ALLOWED if status in right.statuses else Verdict.NOT_NOW


def roles_for(action: Action, stage: StageKind) -> frozenset[Role]:
    """Return the roles that may do `action` at some time; for the sentence "ask a …" beside a refusal."""
    return right_of(action, stage).roles


def conflicts_of(roles: Iterable[Role]) -> tuple[str, ...]:
    """Return what two roles of one person give together and ought to be two people's, in words; empty when nothing.

    Setting up beside planning or approving, and editing beside approving the same stage by another role. Within one
    role the table itself keeps people from approving their own work.
    """
    held = frozenset(roles)
    working = _PLANNERS | {Role.EXECUTIVE}
    found = []
    if Role.ADMIN in held and held & working:
        found.append("sets up people and plans or approves")
    for action, stage in ((Action.EDIT_DEMAND, StageKind.DEMAND), (Action.PIN_SUPPLY, StageKind.SUPPLY),
                          (Action.ADJUST, StageKind.RECONCILIATION)):  # fmt: skip
        editors = held & right_of(action, stage).roles
        if editors and (held & APPROVERS[stage]) - editors:
            found.append(f"may edit and approve {stage.label}")
    return tuple(found)
