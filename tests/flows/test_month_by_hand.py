"""The month without hands leaves the same trail as the month that people walk on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from catalog.models import Item, Market
from cycles.models import AuditRow, Plan, User
from cycles.selectors import is_approved, stage_of
from cycles.services.cycles import open_cycle
from cycles.services.findings import evaluate_gates, waive_finding
from cycles.services.packs import load_pack
from cycles.services.runs import drain_runs
from cycles.services.stages import approve_stage, submit_stage
from cycles.workflow import StageKind
from demand.services.exception_list import open_exceptions
from demand.services.exceptions import answer_exception
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit
from finance.models import MoneySeries
from supply.models import OverloadChoice
from supply.selectors import overloads_of
from supply.services.overloads import decide_overload
from tests.cast import Cast, make_cast
from tests.flows.walks import run_cycle
from tests.headless.tiny_pack import write_tiny_pack

pytestmark = pytest.mark.django_db

FIRST = date(2014, 1, 1)
APPROVED = "cycles.stage.approved"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_tiny_pack(tmp_path / "pack")


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def trail() -> list[list[str]]:
    """Audit codes in order, one list per stage, each ending with its approval; what follows the last one comes last."""
    stages: list[list[str]] = [[]]
    for code in AuditRow.objects.order_by("id").values_list("code", flat=True):
        stages[-1].append(code)
        if code == APPROVED:
            stages.append([])
    return stages


def people(cast: Cast) -> dict[StageKind, tuple[User, User]]:
    """Who submits and who approves each stage."""
    return {
        StageKind.DATA: (cast.demand_planner, cast.finance),
        StageKind.DEMAND: (cast.demand_planner, cast.demand_planner2),
        StageKind.SUPPLY: (cast.supply_planner, cast.supply_planner2),
        StageKind.RECONCILIATION: (cast.finance, cast.finance2),
        StageKind.EXECUTIVE: (cast.finance, cast.executive),
    }


def walk_by_hand(pack: Path) -> Plan:
    cast = make_cast()
    list(load_pack(directory=pack, actor=cast.demand_planner, only=("company",)))
    plan = open_cycle(month=FIRST, actor=cast.demand_planner)
    list(load_pack(directory=pack, actor=cast.demand_planner))
    for kind, (submitter, approver) in people(cast).items():
        answer_by_hand(plan, kind, cast)
        stage = stage_of(plan, kind)
        submit_stage(stage_id=stage.pk, actor=submitter, comment="Looked through.")
        approve_stage(stage_id=stage.pk, actor=approver, comment="Agreed.")
        drain_runs(plan)
    return plan


def answer_by_hand(plan: Plan, kind: StageKind, cast: Cast) -> None:
    """One answer per open point, as a person gives them on the stage's page."""
    plan.refresh_from_db()
    stage = stage_of(plan, kind)
    blocking = [judged for result in evaluate_gates(stage) for judged in result.blocking]
    for judged in blocking:
        subject = judged.finding.subject
        if judged.code == "demand.exceptions_answered":
            for found in open_exceptions(plan):
                answer_exception(
                    plan=plan, code=found.code, subject=found.subject, reason="Launch.", actor=cast.demand_planner
                )
        elif judged.code != "supply.overloads_decided":
            submitter = people(cast)[kind][0]
            waive_finding(stage_id=stage.pk, code=judged.code, subject=subject, reason="Known.", actor=submitter)
    for overload in overloads_of(plan) if kind == StageKind.SUPPLY else []:
        decide_overload(
            plan_id=plan.pk,
            subject=(overload.work_centre.pk, overload.month),
            choice=OverloadChoice.PLAN,
            reason="Overtime.",
            actor=cast.supply_planner,
        )


def test_the_month_without_hands_leaves_the_trail_of_the_month_by_hand(pack: Path, tmp_path: Path) -> None:
    with rolled_back():
        run_cycle(pack, tmp_path / "out", "--month=2014-01", "--new")
        without_hands = trail()
        actors = set(AuditRow.objects.values_list("actor__is_service", flat=True))
    with rolled_back():
        assert is_approved(walk_by_hand(pack))
        by_hand = trail()
    assert len(by_hand) == len(StageKind) + 1
    assert without_hands == by_hand
    assert actors == {True}


def test_a_demand_edit_moves_revenue_by_itself(pack: Path) -> None:
    """Ten lamps more in the north in March: revenue of that cell moves by 10 × 40 × 90 %, and nothing else moves."""
    cast = make_cast()
    plan = open_cycle(month=FIRST, actor=cast.demand_planner)
    list(load_pack(directory=pack, actor=cast.demand_planner))
    stage = stage_of(plan, StageKind.DATA)
    answer_by_hand(plan, StageKind.DATA, cast)
    submit_stage(stage_id=stage.pk, actor=cast.demand_planner)
    approve_stage(stage_id=stage.pk, actor=cast.finance)
    drain_runs(plan)
    before = revenue(plan)
    lamp, north = Item.objects.get(code="LAMP"), Market.objects.get(code="NORTH/DIRECT")
    plan.refresh_from_db()
    march = plan.first_month_index + 2
    gesture = Gesture(
        mode=Mode.CHANGE,
        instructions=(Instruction((Node(item_id=lamp.pk, market_id=north.pk),), (march,), 10_000),),
        reason="A fair in March",
        base_revision=plan.revision,
        session="test",
    )
    assert record_edit(plan_id=plan.pk, gesture=gesture, actor=cast.demand_planner).edit is not None
    assert revenue(plan) == before
    (run,) = drain_runs(plan)
    assert (run.kind, run.state) == ("finance.landing", "succeeded")
    after = revenue(plan)
    moved = {key: cents - before[key] for key, cents in after.items() if cents != before[key]}
    assert moved == {(lamp.pk, north.pk, 2): round(10 * 40 * 0.90 * 100)}


def revenue(plan: Plan) -> dict[tuple[int, int, int], int]:
    """Cents per item, market and month of the plan."""
    return {
        (row.item_id, row.market_id, month): cents
        for row in MoneySeries.objects.filter(plan=plan)
        for month, cents in enumerate(row.revenue_cents)
    }
