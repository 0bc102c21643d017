"""Assumptions written down, confirmed, withdrawn and carried; what is wrong with one is refused with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cycles import gates
from cycles.errors import NotAllowedNow, NotAllowedToYou, ReasonMissing, StatementUnfit
from cycles.models import AuditRow, Plan
from cycles.policy import Role
from cycles.services.assumptions import (
    Measure,
    Statement,
    carry_assumptions,
    confirm_assumption,
    record_assumption,
    withdraw_assumption,
)
from cycles.services.cycles import open_cycle
from cycles.services.people import grant_membership
from tests.cast import Cast, make_cast
from tests.cycles.stand_ins import alone
from tests.small_company import SmallCompany, small_company

pytestmark = pytest.mark.django_db
JANUARY, MARCH = date(2014, 1, 1), date(2014, 3, 1)
UNITS = Measure("demand.units", JANUARY, MARCH, Decimal(900), Decimal(5))


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


@pytest.fixture
def company() -> SmallCompany:
    return small_company()


def following(plan: Plan, cast: Cast) -> Plan:
    cycle = type(plan.cycle).objects.create(month=date(2013, 12, 1), opened_by=cast.finance)
    return Plan.objects.create(cycle=cycle, number="2013-12", first_month=date(2013, 12, 1), previous=plan)


def test_an_assumption_is_confirmed_by_whoever_records_it(plan: Plan, cast: Cast) -> None:
    first = record_assumption(plan=plan, statement=Statement("stock", "Stock of June"), actor=cast.supply_planner)
    assert (first.state, first.confirmed_by) == ("confirmed", cast.supply_planner)
    again = record_assumption(plan=plan, statement=Statement("stock", "Stock of June"), actor=cast.finance)
    assert again.confirmed_by == cast.supply_planner
    assert AuditRow.objects.filter(code="cycles.assumption.recorded").count() == 1
    other = record_assumption(plan=plan, statement=Statement("stock", "Stock of July"), actor=cast.finance)
    row = AuditRow.objects.latest("id")
    assert (other.pk, row.before, row.after) == (first.pk, {"text": "Stock of June"}, {"text": "Stock of July"})


def test_carried_assumptions_hold_the_demand_stage_until_confirmed_or_withdrawn(plan: Plan, cast: Cast) -> None:
    for code in ("stock", "price", "old"):
        record_assumption(plan=plan, statement=Statement(code, f"About {code}"), actor=cast.finance)
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
    words = Statement("stock", "Stock of June", owner=cast.finance, expires_on=MARCH, measure=UNITS)
    kept = record_assumption(plan=plan, statement=words, actor=cast.finance)
    gone = record_assumption(plan=plan, statement=Statement("old", "Old"), actor=cast.finance)
    withdraw_assumption(assumption_id=gone.pk, actor=cast.finance, reason="Over")
    after = following(plan, cast)
    carry_assumptions(plan=after, previous=plan, actor=cast.finance)
    carried = after.assumptions.get()
    assert (carried.carried_from, carried.state, carried.confirmed_by) == (kept, "to_confirm", None)
    same = ("metric", "first_month", "last_month", "expected", "tolerance", "tolerance_kind", "owner", "expires_on")
    assert [getattr(carried, name) for name in same] == [getattr(kept, name) for name in same]


def test_an_expired_one_is_confirmed_only_with_a_later_day(plan: Plan, cast: Cast) -> None:
    words = Statement("price", "Prices stay", expires_on=date(2013, 11, 30))
    record_assumption(plan=plan, statement=words, actor=cast.finance)
    after = following(plan, cast)
    carry_assumptions(plan=after, previous=plan, actor=cast.finance)
    after.stages.create(kind="demand", position=2, status="open", due_on=MARCH)
    carried = after.assumptions.get()
    assert [finding.hint for finding in gates.assumptions_confirmed(after)] == [
        "It held until 2013-11-30: give a later day, or withdraw it."
    ]
    with pytest.raises(StatementUnfit, match="It held until 2013-11-30"):
        confirm_assumption(assumption_id=carried.pk, actor=cast.finance)
    confirm_assumption(assumption_id=carried.pk, actor=cast.finance, expires_on=date(2014, 1, 31))
    row = AuditRow.objects.latest("id")
    assert row.before == {"state": "to_confirm", "expires_on": "2013-11-30"}
    assert row.after == {"state": "confirmed", "expires_on": "2014-01-31"}
    assert list(gates.assumptions_confirmed(after)) == []


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        (replace(UNITS, last_month=date(2013, 12, 1)), "last month comes before the first"),
        (replace(UNITS, first_month=date(2014, 1, 2)), "last month comes before the first"),
        (replace(UNITS, last_month=date(2017, 1, 1)), "at most 36 months"),  # January 2014 is the first of 37
        (replace(UNITS, tolerance=Decimal(-1)), "0 or more"),
        (replace(UNITS, currency="EUR"), "is not known by currency"),
        (replace(UNITS, metric="demand.fx_rate"), "needs a currency"),
        (replace(UNITS, metric="finance.dso", family_id=1), "is not known by family"),
    ],
)
def test_a_measure_that_contradicts_itself_is_refused(plan: Plan, cast: Cast, measure: Measure, why: str) -> None:
    with pytest.raises(StatementUnfit, match=why):
        record_assumption(plan=plan, statement=Statement("units", "As usual", measure=measure), actor=cast.finance)
    assert not plan.assumptions.exists()


def test_one_that_has_expired_before_the_plan_begins_is_refused(plan: Plan, cast: Cast) -> None:
    with pytest.raises(StatementUnfit, match="2013-11-01"):
        record_assumption(
            plan=plan, statement=Statement("x", "Words", expires_on=date(2013, 10, 31)), actor=cast.finance
        )


def test_a_limited_person_measures_only_what_is_theirs(plan: Plan, cast: Cast, company: SmallCompany) -> None:
    chairs, lamps = company.families["CHAIRS"].pk, company.families["LAMPS"].pk
    grant_membership(user=cast.outsider, role=Role.DEMAND_PLANNER, actor=cast.admin, families=[chairs])
    own = Statement("chairs", "As usual", measure=replace(UNITS, family_id=chairs))
    assert record_assumption(plan=plan, statement=own, actor=cast.outsider).family_id == chairs
    for foreign in (UNITS, replace(UNITS, family_id=lamps)):
        with pytest.raises(NotAllowedToYou, match="outside"):
            record_assumption(plan=plan, statement=Statement("y", "Words", measure=foreign), actor=cast.outsider)


def test_an_assumption_needs_words_and_a_role_and_an_open_stage(plan: Plan, cast: Cast) -> None:
    with pytest.raises(ReasonMissing):
        record_assumption(plan=plan, statement=Statement("x", " "), actor=cast.finance)
    with pytest.raises(NotAllowedToYou):
        record_assumption(plan=plan, statement=Statement("x", "Words"), actor=cast.viewer)
    plan.stages.filter(kind="data").update(status="not_started")
    with pytest.raises(NotAllowedNow):
        record_assumption(plan=plan, statement=Statement("x", "Words"), actor=cast.finance)
