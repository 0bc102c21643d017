"""Answers to what a stage still has open, by recorded rules: waivers, exceptions, overloads, the gap."""

from __future__ import annotations

from collections.abc import Callable

from cycles.models import Plan, Stage
from cycles.policy import Role
from cycles.selectors import broken_check, open_decisions, service_user
from cycles.services.answers import take_decision
from cycles.services.assumptions import confirm_assumption
from cycles.services.findings import JudgedFinding, evaluate_gates, waive_finding
from cycles.workflow import StageKind
from demand.services.exceptions import answer_exceptions
from sop_portal.headless.rules import Rules
from supply.models import OverloadChoice
from supply.services.overloads import decide_open_overloads

#: The person whose finding it is, per stage: whoever submits may waive.
SUBMITTER: dict[StageKind, Role] = {
    StageKind.DATA: Role.DEMAND_PLANNER,
    StageKind.DEMAND: Role.DEMAND_PLANNER,
    StageKind.SUPPLY: Role.SUPPLY_PLANNER,
    StageKind.RECONCILIATION: Role.FINANCE,
    StageKind.EXECUTIVE: Role.FINANCE,
}


def answer_stage(stage: Stage, *, rules: Rules) -> None:
    """Answer every blocking finding of a stage that a rule covers, by the service that a person would use.

    Raises:
        NoRule: a finding that a rule could answer has none; what no rule may answer is left to the gate.
    """
    blocking = [judged for result in evaluate_gates(stage) for judged in result.blocking]
    for code in dict.fromkeys(judged.code for judged in blocking):
        own = [judged for judged in blocking if judged.code == code]
        answer = ANSWERS.get(code, _waive)
        answer(stage, own, rules)


def _waive(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    _waive_by("findings", stage, found, rules)


def _gap(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    _waive_by("gap", stage, found, rules)


def _waive_by(rule: str, stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    for judged in found:
        if not judged.finding.waivable:
            continue
        reason = rules.require(rule, _sentence(stage, judged), code=judged.code)
        actor = service_user(SUBMITTER[StageKind(stage.kind)])
        waive_finding(stage_id=stage.pk, code=judged.code, subject=judged.finding.subject, reason=reason, actor=actor)


def _exceptions(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    reason = rules.require("exceptions", _sentence(stage, found[0]), code=found[0].code)
    answer_exceptions(plan=stage.plan, reason=reason, actor=service_user(Role.DEMAND_PLANNER))


def _overloads(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    reason = rules.require("overloads", _sentence(stage, found[0]), code=found[0].code)
    decide_open_overloads(
        plan_id=stage.plan_id,
        choice=OverloadChoice.PLAN,
        reason=reason,
        actor=service_user(Role.SUPPLY_PLANNER),
    )


def _decisions(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    reason = rules.require("gap", _sentence(stage, found[0]), code=found[0].code)
    for decision in open_decisions(stage.plan):
        take_decision(
            decision_id=decision.pk, choice="Accepted as planned", reason=reason, actor=service_user(Role.EXECUTIVE)
        )


def _assumptions(stage: Stage, found: list[JudgedFinding], rules: Rules) -> None:
    rules.require("findings", _sentence(stage, found[0]), code=found[0].code)
    for assumption in _unconfirmed(stage.plan):
        confirm_assumption(assumption_id=assumption, actor=service_user(Role.DEMAND_PLANNER))


def _unconfirmed(plan: Plan) -> list[int]:
    rows = plan.assumptions.exclude(state="withdrawn")
    return [row.pk for row in rows if row.state == "to_confirm" or broken_check(row) is not None]


def _sentence(stage: Stage, judged: JudgedFinding) -> str:
    return f"{stage.title} of {stage.plan.number}, {judged.code}: {judged.finding.title}"


ANSWERS: dict[str, Callable[[Stage, list[JudgedFinding], Rules], None]] = {
    "demand.exceptions_answered": _exceptions,
    "supply.overloads_decided": _overloads,
    "finance.family_gap": _gap,
    "cycles.decisions_taken": _decisions,
    "cycles.assumptions_confirmed": _assumptions,
    "cycles.assumptions_held": _assumptions,
}
