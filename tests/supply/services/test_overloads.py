"""Overloads: found, priced, decided, to be decided again when they grow; and the gates around them."""

from datetime import date

import pytest

from cycles.errors import ReasonMissing
from cycles.models import AuditRow
from supply.gates import (
    capacity_known,
    component_uom,
    opening_stock,
    overloads_decided,
    plan_current,
    routing_missing,
    shortages,
)
from supply.models import OverloadChoice, PurchaseTerm, Routing, StockOnHand, WorkCentre
from supply.selectors import overloads_of
from supply.services.overloads import NoSuchOverload, decide_open_overloads, decide_overload
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company

pytestmark = pytest.mark.django_db
JANUARY = date(2014, 1, 1)


@pytest.fixture
def company() -> SupplyCompany:
    """January asks for 380 hours net of stock, 70 more than the regular ones."""
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [400.0, 0, 0, 0, 0, 0]})
    open_supply_stage(company)
    solve(company)
    return company


def decide_all(company: SupplyCompany, reason: str = "agreed") -> int:
    return decide_open_overloads(
        plan_id=company.plan.pk, choice=OverloadChoice.OVERTIME, reason=reason, actor=company.cast.supply_planner
    )


def test_overload_has_its_hours_and_premium(company: SupplyCompany) -> None:
    (overload,) = overloads_of(company.plan)
    assert (overload.work_centre, overload.month) == (company.centre, JANUARY)
    assert overload.needed == 400_000
    assert overload.premium_cents == pytest.approx(70 * 10 * 100, abs=20)
    assert overload.decision is None


def test_decision_opens_the_gate_once(company: SupplyCompany) -> None:
    assert [finding.severity for finding in overloads_decided(company.plan)] == ["block"]
    assert decide_all(company) == 1
    assert decide_all(company) == 0
    assert list(overloads_decided(company.plan)) == []
    assert AuditRow.objects.filter(code="supply.overload.decided").count() == 1


def test_grown_overload_is_to_be_decided_again(company: SupplyCompany) -> None:
    decide_all(company)
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [405.0, 0, 0, 0, 0, 0]})
    company.plan.demand_revision = company.plan.revision = company.plan.revision + 1
    company.plan.save()
    solve(company)
    (found,) = overloads_decided(company.plan)
    assert found.subject == "WOOD 2014-01"
    assert found.hint.startswith("Decide again: ") and "for 70 h of overtime; it is 75 h now" in found.hint
    (overload,) = overloads_of(company.plan)
    assert overload.decision is None and overload.outgrown is not None
    decide_all(company, "again")
    assert overloads_of(company.plan)[0].outgrown is None


def test_decision_about_nothing_is_refused(company: SupplyCompany) -> None:
    with pytest.raises(NoSuchOverload):
        decide_overload(
            plan_id=company.plan.pk,
            subject=(company.centre.pk, date(2014, 5, 1)),
            choice=OverloadChoice.PLAN,
            reason="x",
            actor=company.cast.supply_planner,
        )
    with pytest.raises(ReasonMissing):
        decide_all(company, reason="  ")


def test_plan_gate_blocks_without_a_plan_and_behind_a_revision() -> None:
    company = supply_company()
    assert [finding.waivable for finding in plan_current(company.plan)] == [False]
    solve(company)
    assert list(plan_current(company.plan)) == []
    company.plan.demand_revision = company.plan.revision = 5
    assert "behind" in next(iter(plan_current(company.plan))).title


def test_shortages_are_told_with_their_revenue() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [1000.0, 0, 0, 0, 0, 0]})
    solve(company)
    (finding,) = shortages(company.plan)
    assert (finding.subject, finding.severity) == ("CHAIR-OAK", "warn")
    assert finding.money_cents == pytest.approx((1000 - 20 - 310 * 1.25) * 100 * 100, rel=1e-3)


def test_opening_stock_gate() -> None:
    company = supply_company()
    assert list(opening_stock(company.plan)) == []
    StockOnHand.objects.update(as_of=date(2013, 11, 30))
    assert [finding.severity for finding in opening_stock(company.plan)] == ["warn"]
    StockOnHand.objects.update(as_of=date(2014, 6, 30))
    (late,) = opening_stock(company.plan)
    assert (late.severity, late.waivable, late.money_cents) == ("block", True, (20 * 60 + 20 * 48) * 100)
    StockOnHand.objects.all().delete()
    (none,) = opening_stock(company.plan)
    assert (none.severity, none.waivable) == ("block", False)


def test_unit_of_measure_gate() -> None:
    company = supply_company()
    assert list(component_uom(company.plan)) == []
    PurchaseTerm.objects.create(
        item=company.kit, supplier=company.supplier, lead_time_days=1, price=1, currency_id="USD", uom="CTN"
    )
    (finding,) = component_uom(company.plan)
    assert (finding.severity, finding.waivable) == ("block", True)


def test_routing_gate_counts_sold_made_items_without_operations() -> None:
    company = supply_company()
    assert list(routing_missing(company.plan)) == []
    Routing.objects.all().delete()
    (finding,) = routing_missing(company.plan)
    assert finding.title.startswith("2 sold items")


def test_capacity_gate() -> None:
    company = supply_company()
    assert list(capacity_known(company.plan)) == []
    WorkCentre.objects.update(is_production=False)
    assert [finding.severity for finding in capacity_known(company.plan)] == ["warn"]
