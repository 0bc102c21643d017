"""Assumptions carried and confirmed, decisions recorded and taken; what is open holds its stage back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from cycles import gates
from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing
from cycles.models import AuditRow, Plan
from cycles.services.answers import (
    Question,
    carry_assumptions,
    confirm_assumption,
    record_assumption,
    record_decision,
    take_decision,
    withdraw_assumption,
)
from cycles.services.cycles import open_cycle
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone

GAP = Question("finance.family_gap", "Road Bikes", "Reforecast or promote?", -1_000_000_00, ({"title": "Reforecast"},))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stand_ins() -> Iterator[None]:
    with alone():
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return open_cycle(month=date(2013, 11, 1), actor=cast.demand_planner)


def test_an_assumption_is_confirmed_by_whoever_records_it(plan: Plan, cast: Cast) -> None:
    first = record_assumption(plan=plan, code="stock", text="Stock of June", actor=cast.supply_planner)
    assert (first.state, first.confirmed_by) == ("confirmed", cast.supply_planner)
    again = record_assumption(plan=plan, code="stock", text="Stock of June", actor=cast.finance)
    assert again.confirmed_by == cast.supply_planner
    assert AuditRow.objects.filter(code="cycles.assumption.recorded").count() == 1
    other = record_assumption(plan=plan, code="stock", text="Stock of July", actor=cast.finance)
    assert (other.pk, AuditRow.objects.latest("id").before) == (first.pk, {"text": "Stock of June"})


def test_carried_assumptions_hold_the_demand_stage_until_confirmed_or_withdrawn(plan: Plan, cast: Cast) -> None:
    for code in ("stock", "price", "old"):
        record_assumption(plan=plan, code=code, text=f"About {code}", actor=cast.finance)
    old = plan.assumptions.get(code="old")
    withdraw_assumption(assumption_id=old.pk, actor=cast.finance, reason="Over")
    plan.assumptions.exclude(pk=old.pk).update(state="to_confirm")
    stock, price = (plan.assumptions.get(code=code) for code in ("stock", "price"))
    assert {finding.subject for finding in gates.assumptions_confirmed(plan)} == {"stock", "price"}
    confirm_assumption(assumption_id=stock.pk, actor=cast.demand_planner)
    confirm_assumption(assumption_id=stock.pk, actor=cast.demand_planner)
    with pytest.raises(ReasonMissing):
        withdraw_assumption(assumption_id=price.pk, actor=cast.finance, reason="")
    withdraw_assumption(assumption_id=price.pk, actor=cast.finance, reason="Over")
    assert list(gates.assumptions_confirmed(plan)) == []
    assert AuditRow.objects.filter(code="cycles.assumption.confirmed").count() == 1


def test_what_is_carried_is_to_be_confirmed_and_withdrawn_ones_stay(plan: Plan, cast: Cast) -> None:
    kept = record_assumption(plan=plan, code="stock", text="Stock of June", actor=cast.finance)
    gone = record_assumption(plan=plan, code="old", text="Old", actor=cast.finance)
    withdraw_assumption(assumption_id=gone.pk, actor=cast.finance, reason="Over")
    plan.stages.exclude(kind="data").delete()
    following = Plan.objects.get(pk=_next_plan(plan, cast).pk)
    carry_assumptions(plan=following, previous=plan, actor=cast.finance)
    carried = following.assumptions.get()
    assert (carried.carried_from, carried.state, carried.confirmed_by) == (kept, "to_confirm", None)


def _next_plan(plan: Plan, cast: Cast) -> Plan:
    cycle = type(plan.cycle).objects.create(month=date(2013, 12, 1), opened_by=cast.finance)
    return Plan.objects.create(cycle=cycle, number="2013-12", first_month=date(2013, 12, 1), previous=plan)


def test_a_decision_is_recorded_once_and_taken_once(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=GAP, actor=cast.finance)
    assert [finding.money_cents for finding in gates.decisions_taken(plan)] == [-1_000_000_00]
    with pytest.raises(NotAllowedToYou):
        take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.demand_planner)
    with pytest.raises(ReasonMissing):
        take_decision(decision_id=decision.pk, choice="Reforecast", reason="", actor=cast.executive)
    take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.executive)
    with pytest.raises(NotAllowedNow, match="Executive has decided this: Reforecast"):
        take_decision(decision_id=decision.pk, choice="Promote", reason="No", actor=cast.finance)
    assert list(gates.decisions_taken(plan)) == []


def test_a_taken_decision_opens_again_when_its_money_changes(plan: Plan, cast: Cast) -> None:
    decision = record_decision(plan=plan, question=GAP, actor=cast.finance)
    take_decision(decision_id=decision.pk, choice="Reforecast", reason="Demand fell", actor=cast.executive)
    assert record_decision(plan=plan, question=GAP, actor=cast.finance).state == "taken"
    worse = Question(GAP.code, GAP.subject, GAP.text, -2_000_000_00)
    assert record_decision(plan=plan, question=worse, actor=cast.finance).state == "open"
    assert (plan.decisions.count(), plan.decisions.get().pk) == (1, decision.pk)


def test_a_decision_needs_words_and_an_open_stage(plan: Plan, cast: Cast) -> None:
    with pytest.raises(ReasonMissing):
        record_decision(plan=plan, question=Question("a.b", "x", " "), actor=cast.finance)
    plan.stages.filter(kind="data").update(status="not_started")
    with pytest.raises(NotAllowedNow):
        record_decision(plan=plan, question=GAP, actor=cast.finance)
