"""The script of the demo company's two months: the first walked to its approval, the second left in reconciliation."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cycles.errors import DomainError
from cycles.models import Plan, Run, RunState, User
from cycles.policy import Role
from cycles.selectors import open_decisions, stage_of
from cycles.services.answers import record_decision, take_decision
from cycles.services.assumptions import Statement, confirm_assumption, record_assumption
from cycles.services.cycles import open_cycle, open_next_cycle
from cycles.services.packs import load_pack
from cycles.services.runs import drain_runs
from cycles.services.stages import approve_stage, submit_stage
from cycles.workflow import StageKind
from demand.services.carried_offers import accept_offers, offers_of
from demand.services.cleansing_entry import name_cleansing
from demand.services.exceptions import answer_exceptions
from demand.services.ledger import record_edit
from finance.selectors import family_gaps
from finance.services.actions import add_action
from finance.services.adjustments import name_adjustment
from sop_portal.demo import company, story
from sop_portal.demo.generate import HAPPENED, generate_pack
from sop_portal.demo.people import create_people
from supply.models import OverloadChoice
from supply.selectors import lost_items
from supply.services.options import request_options
from supply.services.overloads import decide_open_overloads
from supply.services.shortage_questions import AskedShortage, put_to_executive

People = dict[Role, User]
Say = Callable[[str], None]

#: Submitter, approver and comments of each stage.
WALK: dict[StageKind, tuple[Role, Role, str, str]] = {
    StageKind.DATA: (
        Role.DEMAND_PLANNER,
        Role.SUPPLY_PLANNER,
        "All files of the month are in and tie to their control totals.",
        "Stock and capacity look right.",
    ),
    StageKind.DEMAND: (
        Role.DEMAND_PLANNER,
        Role.FINANCE,
        "Baseline reviewed with sales; promotions and projects are named.",
        "Agreed with the sales forecast of the regions.",
    ),
    StageKind.SUPPLY: (
        Role.SUPPLY_PLANNER,
        Role.FINANCE,
        "Oven assembly runs on overtime until the peak has passed; what it cannot make is shown as short.",
        "Overtime is inside the approved frame.",
    ),
    StageKind.RECONCILIATION: (
        Role.FINANCE,
        Role.EXECUTIVE,
        "The gap is explained to the cent and every large family has an answer.",
        "Understood; take it to the executive meeting.",
    ),
    StageKind.EXECUTIVE: (
        Role.FINANCE,
        Role.EXECUTIVE,
        "One number for the month.",
        "Approved as the company's plan.",
    ),
}


class DemoStopped(DomainError):
    """A calculation of the demo company did not succeed."""


@dataclass(frozen=True)
class Stagehand:
    """Who acts, and where progress is told."""

    people: People
    say: Say

    def may(self, role: Role) -> User:
        """The person of a role."""
        return self.people[role]


def create_company(say: Say) -> Plan:
    """Create people, company, an approved first month and the second one in reconciliation; return the latter's plan.

    Every step is a call of the service that a page would use, by the person who would press the button. On an empty
    database only.

    Raises:
        DemoStopped: a calculation failed.
        DomainError: a gate held the month back: a defect of the demo company.
    """
    hand = Stagehand(create_people(), say)
    with tempfile.TemporaryDirectory() as folder:
        load(hand, Path(folder), cycle=company.FIRST_CYCLE)
        first = open_cycle(month=company.FIRST_CYCLE, actor=hand.may(Role.DEMAND_PLANNER))
        walk_first_month(hand, first)
        second = open_next_cycle(actor=hand.may(Role.DEMAND_PLANNER))
        load(hand, Path(folder), cycle=company.CURRENT_CYCLE, only=HAPPENED)
    walk_second_month(hand, second)
    second.refresh_from_db()
    return second


def load(hand: Stagehand, folder: Path, *, cycle: date, only: Collection[str] = ()) -> None:
    """Generate the files as they would be at the opening of a cycle and import them, or only those of some datasets."""
    generate_pack(folder, cycle=cycle)
    for run in load_pack(directory=folder, actor=hand.may(Role.DEMAND_PLANNER), only=only):
        _insist([run])
    hand.say(f"Files up to the month before {cycle:%B %Y} imported")


def walk_first_month(hand: Stagehand, plan: Plan) -> None:
    """Data to executive approval; the plan is frozen."""
    pass_stage(hand, plan, StageKind.DATA)
    name_cleansing(plan=plan, words=story.unrepeated_month(), actor=hand.may(Role.DEMAND_PLANNER))
    settle()
    plan.refresh_from_db()
    edit_demand(hand, plan, story.first_month_edits(plan))
    for assumption in story.ASSUMPTIONS:
        statement = Statement(assumption.code, assumption.text, source=assumption.source)
        record_assumption(plan=plan, statement=statement, actor=hand.may(Role.DEMAND_PLANNER))
    answer_demand(hand, plan)
    pass_stage(hand, plan, StageKind.DEMAND)
    decide_overloads(hand, plan)
    pass_stage(hand, plan, StageKind.SUPPLY)
    for promise in story.first_month_actions(hand.people):
        add_action(plan=plan, promise=promise, actor=hand.may(Role.FINANCE))
    _decide_gaps(hand, plan)
    pass_stage(hand, plan, StageKind.RECONCILIATION)
    pass_stage(hand, plan, StageKind.EXECUTIVE)


def walk_second_month(hand: Stagehand, plan: Plan) -> None:
    """Data, demand and supply approved; reconciliation open with an adjustment, actions and a decision to take."""
    pass_stage(hand, plan, StageKind.DATA)
    for assumption in plan.assumptions.all():
        confirm_assumption(assumption_id=assumption.pk, actor=hand.may(Role.DEMAND_PLANNER))
    planner = hand.may(Role.DEMAND_PLANNER)
    carried = [offer.edit.revision for offer in offers_of(plan, planner)]
    accept_offers(plan_id=plan.pk, revisions=carried, reason=story.CARRIED_REASON, actor=planner)
    edit_demand(hand, plan, story.second_month_edits(plan))
    answer_demand(hand, plan)
    pass_stage(hand, plan, StageKind.DEMAND)
    decide_overloads(hand, plan)
    ask_about_shortages(hand, plan)
    pass_stage(hand, plan, StageKind.SUPPLY)
    finance = hand.may(Role.FINANCE)
    name_adjustment(plan=plan, wording=story.adjustment(hand.people), actor=finance)
    for promise in story.second_month_actions(hand.people):
        add_action(plan=plan, promise=promise, actor=finance)
    record_decision(plan=plan, question=story.open_question(plan, hand.people), actor=finance)
    _ask_gaps(hand, plan)
    settle()


def edit_demand(hand: Stagehand, plan: Plan, gestures: Iterator[story.Gesture]) -> None:
    """Record the gestures one after the other, each on the revision that the person would see."""
    for gesture in gestures:
        result = record_edit(plan_id=plan.pk, gesture=gesture, actor=hand.may(Role.DEMAND_PLANNER))
        if result.refused or result.edit is None:
            raise DemoStopped(f"The edit “{gesture.reason}” changed nothing.")
        plan.refresh_from_db()
    settle()


def answer_demand(hand: Stagehand, plan: Plan) -> None:
    """Answer what the exception list still asks."""
    answer_exceptions(plan=plan, reason=story.EXCEPTION_REASON, actor=hand.may(Role.DEMAND_PLANNER))


def decide_overloads(hand: Stagehand, plan: Plan) -> None:
    """Take every overload as the supply plan proposes it: overtime first, the rest is short."""
    decide_open_overloads(
        plan_id=plan.pk,
        choice=OverloadChoice.PLAN,
        reason=story.OVERLOAD_REASON,
        actor=hand.may(Role.SUPPLY_PLANNER),
    )


def ask_about_shortages(hand: Stagehand, plan: Plan) -> None:
    """Have the options of the shortages priced, and put the dearest to the executive with the subcontractor's offer."""
    planner = hand.may(Role.SUPPLY_PLANNER)
    request_options(plan=plan, actor=planner)
    settle()
    for lost in lost_items(plan)[:1]:
        asked = AskedShortage(
            item_id=lost.item.pk,
            text=story.SHORTAGE_QUESTION % {"item": lost.item.code},
            owner=hand.may(Role.EXECUTIVE),
            due_on=date(2026, 11, 27),
            unit_cost=story.SHORTAGE_UNIT_COST,
        )
        put_to_executive(plan_id=plan.pk, asked=asked, actor=planner)


def pass_stage(hand: Stagehand, plan: Plan, kind: StageKind) -> None:
    """Submit and approve a stage by two people, then let its calculations finish."""
    submitter, approver, said, answered = WALK[kind]
    stage = stage_of(plan, kind)
    submit_stage(stage_id=stage.pk, actor=hand.may(submitter), comment=said)
    approve_stage(stage_id=stage.pk, actor=hand.may(approver), comment=answered)
    settle()
    plan.refresh_from_db()
    hand.say(f"{plan.number}: {kind.label} approved")


def settle() -> None:
    """Execute everything queued.

    Raises:
        DemoStopped: a run did not succeed.
    """
    _insist(drain_runs())


def _decide_gaps(hand: Stagehand, plan: Plan) -> None:
    """Put every large family gap without an answer to the executive, who decides it."""
    _ask_gaps(hand, plan)
    for decision in open_decisions(plan):
        take_decision(
            decision_id=decision.pk,
            choice=story.GAP_CHOICE,
            reason=story.GAP_REASON,
            actor=hand.may(Role.EXECUTIVE),
        )


def _ask_gaps(hand: Stagehand, plan: Plan) -> None:
    """Ask about every large gap that neither adjustments nor actions reach."""
    for gap in family_gaps(plan):
        if not gap.answer:
            record_decision(plan=plan, question=story.gap_question(gap), actor=hand.may(Role.FINANCE))


def _insist(runs: list[Run]) -> None:
    failed = [run for run in runs if run.state in (RunState.FAILED, RunState.PARKED)]
    if failed:
        raise DemoStopped("; ".join(f"{run.kind} {run.state}: {run.message}" for run in failed))
