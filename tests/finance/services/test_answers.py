"""Adjustments, actions and what follows from them: refusals, expiry, replacement, carry, frozen section."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import Cycle, Plan, Stage
from cycles.registry import authorship
from demand.models import EditKind
from demand.services.ledger import Gesture, Instruction, Mode, Node, record_edit
from finance.frames.streams import stream_bridge, who_bridge
from finance.models import Adjustment, AdjustmentKind, Measure
from finance.sections import finance_header, finance_problems, finance_rows
from finance.selectors import position_of, summary_of, valid_adjustments
from finance.services.actions import Promise, add_action, carry_actions
from finance.services.adjustments import (
    AdjustmentRefused,
    Scope,
    Wording,
    carry_adjustments,
    name_adjustment,
    withdraw_adjustment,
)
from tests.finance.sample_plan import Sample, land, open_reconciliation, sample_plan
from tests.kept import fresh, kept

pytestmark = pytest.mark.django_db

RISK = Wording(
    kind=AdjustmentKind.RISK,
    measure=Measure.REVENUE,
    title="Dealer risk",
    reason="Two dealers are late",
    first_month=date(2014, 12, 1),
    cents=(-700_00, -300_00),
    expires_on=date(2014, 8, 1),
)


def _landed() -> Sample:
    sample = sample_plan()
    land(sample)
    open_reconciliation(sample)
    return sample


landed_once = kept(_landed)


@pytest.fixture
def landed(landed_once: Sample) -> Sample:
    return fresh(landed_once)


def test_only_the_months_of_the_year_count(landed: Sample) -> None:
    before = summary_of(landed.plan)
    name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.finance)
    after = summary_of(landed.plan)
    assert after["adjustments"] == -700_00
    assert after["gap"] == before["gap"] - 700_00
    assert after["landing"] == before["landing"]
    assert after["unexplained"] == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": " "}, ReasonMissing),
        ({"reason": ""}, ReasonMissing),
        ({"cents": (0, 0)}, AdjustmentRefused),
        ({"kind": AdjustmentKind.TIMING}, AdjustmentRefused),
        ({"expires_on": date(2014, 5, 1)}, AdjustmentRefused),
        ({"first_month": date(2014, 5, 1)}, AdjustmentRefused),
        ({"cents": (1,) * 13, "first_month": date(2014, 6, 1)}, AdjustmentRefused),
        ({"scope": Scope(category_id=1, family_id=1)}, AdjustmentRefused),
    ],
)
def test_a_contradiction_is_refused(landed: Sample, change: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        name_adjustment(plan=landed.plan, wording=replace(RISK, **change), actor=landed.cast.finance)  # type: ignore[arg-type]
    assert not Adjustment.objects.exists()


def test_a_timing_nets_to_zero_and_moves_between_years(landed: Sample) -> None:
    timing = replace(RISK, kind=AdjustmentKind.TIMING, cents=(-50_00, 50_00))
    name_adjustment(plan=landed.plan, wording=timing, actor=landed.cast.finance)
    assert summary_of(landed.plan)["adjustments"] == -50_00


def test_only_finance_and_only_while_the_stage_is_open(landed: Sample) -> None:
    with pytest.raises(NotAllowedToYou):
        name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.supply_planner)
    Stage.objects.filter(plan=landed.plan, kind="reconciliation").update(status="not_started")
    with pytest.raises(NotAllowedNow):
        name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.finance)


def test_replacing_and_withdrawing_leave_the_ledger_whole(landed: Sample) -> None:
    first = name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.finance)
    second = name_adjustment(
        plan=landed.plan, wording=replace(RISK, cents=(-1_00,)), actor=landed.cast.finance, supersedes=first
    )
    assert list(valid_adjustments(landed.plan)) == [second]
    with pytest.raises(AdjustmentRefused):
        withdraw_adjustment(adjustment=first, reason="again", actor=landed.cast.finance)
    withdraw_adjustment(adjustment=second, reason="They paid", actor=landed.cast.finance)
    assert list(valid_adjustments(landed.plan)) == []
    assert Adjustment.objects.count() == 3
    assert authorship("finance")(landed.plan, landed.cast.finance)
    assert not authorship("finance")(landed.plan, landed.cast.finance2)


def next_plan(sample: Sample) -> Plan:
    month = date(2014, 7, 1)
    cycle = Cycle.objects.create(month=month, opened_by=sample.cast.finance)
    return Plan.objects.create(cycle=cycle, number="2014-07", first_month=month, horizon=12, previous=sample.plan)


def test_carry_takes_what_still_holds(landed: Sample) -> None:
    name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.finance)
    over = replace(RISK, title="June only", first_month=date(2014, 6, 1), cents=(-1_00,), expires_on=date(2014, 6, 1))
    name_adjustment(plan=landed.plan, wording=over, actor=landed.cast.finance)
    promise = Promise("Second shift", landed.cast.supply_planner, date(2014, 7, 1), 5_000_00, 2_000_00)
    add_action(plan=landed.plan, promise=promise, actor=landed.cast.finance)
    told = landed.cast.supply_planner.notifications.get(kind="action.assigned")
    assert (told.about, told.actor) == ("Second shift", landed.cast.finance)
    plan = next_plan(landed)
    carry_adjustments(plan=plan, previous=landed.plan, actor=landed.cast.finance2)
    carry_actions(plan=plan, previous=landed.plan, actor=landed.cast.finance)
    assert [row.title for row in valid_adjustments(plan)] == ["Dealer risk"]
    assert [row.title for row in plan.actions.all()] == ["Second shift"]
    assert authorship("finance")(plan, landed.cast.finance)  # named it: does not approve it next month either
    assert not authorship("finance")(plan, landed.cast.finance2)  # only opened the cycle


def test_the_frozen_section_holds_the_dollars(landed: Sample) -> None:
    name_adjustment(plan=landed.plan, wording=RISK, actor=landed.cast.finance)
    rows = list(finance_rows(landed.plan))
    money = [row for row in rows if row.key[0] == "money"]
    assert len(money) == 16
    assert sum(sum(row.fields["amount"][:7]) for row in money) == summary_of(landed.plan)["plan"]  # type: ignore[index,arg-type]
    assert {row.key[0] for row in rows} == {"money", "company", "cash", "bridge", "adjustment"}
    assert [row.key for row in rows] == sorted(row.key for row in rows)
    assert finance_header(landed.plan)["unexplained"] == 0
    assert list(finance_problems()) == []


def test_a_demand_edit_moves_revenue_by_itself_and_the_streams_name_it(landed: Sample) -> None:
    sample = landed
    before = summary_of(sample.plan)
    Stage.objects.filter(plan=sample.plan, kind="data").update(status="not_started")
    Stage.objects.filter(plan=sample.plan, kind="demand").update(status="open")
    node = Node(item_id=sample.company.items["CHAIR-OAK"].pk, market_id=sample.company.markets["SOUTH/DEALER"].pk)
    instruction = Instruction(nodes=(node,), months=(sample.plan.first_month_index,), value=10_000)
    gesture = Gesture(Mode.CHANGE, (instruction,), "A fair in June", sample.plan.revision, "test")
    assert record_edit(plan_id=sample.plan.pk, gesture=gesture, actor=sample.cast.demand_planner).edit is not None
    sample.plan.refresh_from_db()
    land(sample)
    after = summary_of(sample.plan)
    assert after["upside"] == before["upside"] + 10 * 90_00
    position = position_of(sample.plan)
    assert position is not None
    steps = {step.label: step.cents for step in stream_bridge(sample.plan, position)}
    assert steps["Override"] == 10 * 90_00
    assert sum(cents for label, cents in steps.items() if label != "Landing") == steps["Landing"]
    who = who_bridge(sample.plan, position)
    planner = sample.cast.demand_planner
    assert [(row.stream, row.person, row.edits, row.cents) for row in who.moved] == [
        (EditKind.OVERRIDE, planner.username, 1, 10 * 90_00)
    ]
    people = {step.key: step.cents for step in who.by_person}
    assert people[planner.username] == 10 * 90_00
    assert [step.cents for step in who.by_person] == [step.cents for step in who.by_stream]
