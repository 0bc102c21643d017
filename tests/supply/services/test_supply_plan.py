"""A published supply plan: exact balances, shares, overtime, causes, and what makes it stale."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Site
from cycles.models import Cycle, Plan
from cycles.services.runs import execute_run
from supply.frames import load_constrained, load_loads, load_production, load_supply_costs
from supply.models import BomLine, PurchaseTerm, Shortage, Sourcing, StockOnHand, SupplySeries, WorkCentre
from supply.selectors import supply_state
from supply.services.plan import request_supply_plan
from tests.supply.company import HORIZON, demand, solve, supply_company

pytestmark = pytest.mark.django_db
FLAT = [100.0] * HORIZON
HOURS = 10


def test_demand_within_capacity_is_shipped_in_full() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): FLAT, ("LAMP-DESK", "SOUTH/DEALER"): FLAT})
    solve(company)
    sent = load_constrained(company.plan)
    assert sent.ship.sum() == 2 * HORIZON * 100_000
    assert not sent.short.any()
    assert not Shortage.objects.exists()


def test_stock_rolls_exactly_from_opening_to_closing() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [33.33, 66.67, 120.01, 80, 75.5, 99.99]})
    solve(company)
    made = load_production(company.plan)
    moved = made.make + made.overtime + made.buy - made.consumed - made.shipped
    assert np.array_equal(made.opening[:, None] + np.cumsum(moved, axis=1), made.inventory)
    assert (made.inventory >= 0).all()
    chair = made.item_ids == company.base.items["CHAIR-OAK"].pk
    assert made.opening[chair].tolist() == [20_000]


def test_components_follow_the_made_units() -> None:
    company = supply_company()
    BomLine.objects.update(quantity=Decimal("1.5"))
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): FLAT})
    solve(company)
    made = load_production(company.plan)
    chairs = (made.make + made.overtime)[made.item_ids == company.base.items["CHAIR-OAK"].pk].sum()
    assert made.consumed[made.item_ids == company.kit.pk].sum() == chairs * 3 // 2


def test_shortage_is_shared_fairly_and_names_the_work_centre() -> None:
    """310 h and 25 % overtime in January make 387 chairs, 20 are in stock; 1,000 are asked for at once."""
    company = supply_company()
    first = [500.0, 0, 0, 0, 0, 0]
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): first, ("CHAIR-OAK", "SOUTH/DEALER"): first})
    solve(company)
    sent = load_constrained(company.plan)
    capacity = HOURS * 31 * 1.25 + 20
    assert sent.ship.sum() / 1000 == pytest.approx(capacity, abs=0.1)
    assert abs(int(sent.ship[0, 0]) - int(sent.ship[1, 0])) <= 10
    assert (sent.ship + sent.short).sum() == 1_000_000
    shortage = Shortage.objects.get()
    assert (shortage.cause, shortage.work_centre) == ("capacity", company.centre)
    assert shortage.quantity == sent.short.sum()


def test_overtime_premium_is_hours_times_half_the_rate() -> None:
    """400 chairs in January with 20 in stock: 380 h, 70 above 310 at 20 × 50 % = 10 per hour."""
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [400.0, 0, 0, 0, 0, 0]})
    solve(company)
    costs, loads, made = load_supply_costs(company.plan), load_loads(company.plan), load_production(company.plan)
    assert loads.overtime[0, 0] == pytest.approx(70_000, abs=20)
    assert costs.overtime_cents.sum() == pytest.approx(70_000, abs=20)
    assert made.overtime.sum() == pytest.approx(70_000, abs=20)
    assert loads.price_low[0, 0] <= 1_000 <= loads.price_high[0, 0]


def test_conversion_is_hours_times_rate() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): FLAT})
    solve(company)
    costs = load_supply_costs(company.plan)
    assert costs.conversion4[costs.item_ids == company.base.items["CHAIR-OAK"].pk].tolist() == [20 * 10_000]


def test_purchase_inside_the_lead_time_is_expedited() -> None:
    company = supply_company()
    lamp = company.base.items["LAMP-DESK"]
    PurchaseTerm.objects.create(
        item=lamp, supplier=company.supplier, lead_time_days=65, price=Decimal(22), currency_id="USD", uom="EA"
    )
    demand(company, {("LAMP-DESK", "NORTH/DIRECT"): FLAT})
    solve(company)
    made = load_production(company.plan)
    expedited = made.expedite[made.item_ids == lamp.pk][0]
    assert expedited.tolist() == [100_000, 100_000, 0, 0, 0, 0]
    cents = load_supply_costs(company.plan).expedite_cents.sum()
    assert cents == 2 * 100 * 22 * 100 // 4


def test_supplier_limit_leaves_a_shortage_with_its_cause() -> None:
    company = supply_company()
    lamp = company.base.items["LAMP-DESK"]
    PurchaseTerm.objects.create(
        item=lamp,
        supplier=company.supplier,
        lead_time_days=5,
        price=Decimal(22),
        currency_id="USD",
        uom="EA",
        monthly_limit_milli=60_000,
    )
    demand(company, {("LAMP-DESK", "NORTH/DIRECT"): FLAT})
    solve(company)
    assert load_constrained(company.plan).short.sum() == HORIZON * 40_000
    assert set(Shortage.objects.values_list("cause", flat=True)) == {"supplier"}


def test_negative_consensus_comes_back_into_stock() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [-5.0, 0, 0, 0, 0, 10.0]})
    solve(company)
    sent, made = load_constrained(company.plan), load_production(company.plan)
    chair = made.item_ids == company.base.items["CHAIR-OAK"].pk
    assert sent.ship[0].tolist() == [-5_000, 0, 0, 0, 0, 10_000]
    assert made.shipped[chair][0].tolist() == [-5_000, 0, 0, 0, 0, 10_000]


def test_firm_shares_split_a_market_over_two_sites() -> None:
    company = supply_company()
    second = Site.objects.create(code="EAST", name="East")
    market = company.base.markets["NORTH/DIRECT"]
    for site, share, freight in ((company.base.site, "0.7", "1"), (second, "0.3", "2")):
        Sourcing.objects.create(market=market, site=site, share=Decimal(share), freight=Decimal(freight))
    demand(company, {("LAMP-DESK", "NORTH/DIRECT"): FLAT})
    solve(company)
    made, costs = load_production(company.plan), load_supply_costs(company.plan)
    lamp = company.base.items["LAMP-DESK"].pk
    sent = {
        int(site): int(made.shipped[row].sum()) for row, site in enumerate(made.site_ids) if made.item_ids[row] == lamp
    }
    assert sent == {company.base.site.pk: 420_000, second.pk: 180_000}
    assert costs.freight_cents.sum() == 420 * 100 + 180 * 200


def test_solving_twice_leaves_the_same_rows() -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [400.0, 350, 0, 0, 0, 0]})
    run = solve(company)
    before = list(SupplySeries.objects.order_by("item_id").values_list("item_id", "make", "inventory"))
    assert execute_run(run.pk).state == "succeeded"
    assert solve(company).pk == run.pk
    assert list(SupplySeries.objects.order_by("item_id").values_list("item_id", "make", "inventory")) == before


def test_contradicting_bill_of_materials_fails_with_its_names() -> None:
    company = supply_company()
    chair = company.base.items["CHAIR-OAK"]
    BomLine.objects.create(parent=company.kit, component=chair, quantity=Decimal(1), valid_from=date(2012, 1, 1))
    type(company.kit).objects.filter(pk=company.kit.pk).update(make_or_buy="make")
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): FLAT})
    company.plan.refresh_from_db()
    run = execute_run(request_supply_plan(plan=company.plan, actor=company.cast.supply_planner).pk)
    assert run.state == "failed"
    assert "KIT" in run.message and "CHAIR-OAK" in run.message


def test_plan_without_demand_keeps_its_stock() -> None:
    company = supply_company()
    solve(company)
    made = load_production(company.plan)
    assert np.array_equal(made.inventory, np.repeat(made.opening[:, None], HORIZON, axis=1))
    assert made.opening.sum() == 40_000
    assert not made.make.any()
    assert supply_state(company.plan).is_current


def test_work_centre_without_hours_limits_nothing() -> None:
    company = supply_company()
    WorkCentre.objects.update(hours_per_day=0)
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [5_000.0, 0, 0, 0, 0, 0]})
    solve(company)
    assert not load_constrained(company.plan).short.any()
    assert not load_loads(company.plan).ids.size


def test_later_stock_is_used_only_when_there_is_no_earlier_one() -> None:
    company = supply_company()
    chair = company.base.items["CHAIR-OAK"]
    StockOnHand.objects.create(item=chair, site=company.base.site, as_of=date(2014, 6, 30), quantity=99_000)
    assert solve(company).result["opening_stock_day"] == "2013-12-31"
    StockOnHand.objects.filter(as_of=date(2013, 12, 31)).delete()
    company.plan.supply_revision = company.plan.revision = 1
    company.plan.save()
    assert solve(company).result["opening_stock_day"] == "2014-06-30"


def test_purchases_of_the_approved_plan_count_as_ordered() -> None:
    """Lead time 65 days: the first plan expedites two months; the next one finds its first months on order."""
    company = supply_company()
    lamp = company.base.items["LAMP-DESK"]
    PurchaseTerm.objects.create(
        item=lamp, supplier=company.supplier, lead_time_days=65, price=Decimal(22), currency_id="USD", uom="EA"
    )
    demand(company, {("LAMP-DESK", "NORTH/DIRECT"): FLAT})
    solve(company)
    cycle = Cycle.objects.create(month=date(2014, 2, 1), opened_by=company.cast.demand_planner)
    following = Plan.objects.create(
        cycle=cycle, number="2014-02", first_month=cycle.month, horizon=HORIZON, previous=company.plan
    )
    later = replace(company, plan=following)
    demand(later, {("LAMP-DESK", "NORTH/DIRECT"): [130.0, *FLAT[1:]]})
    solve(later)
    assert load_production(following).expedite.sum() == 30_000


def test_safety_stock_stands_where_the_item_is_asked_for() -> None:
    """Stock lies at MAIN, EAST serves the market: the 30 units of safety stock are kept at EAST."""
    company = supply_company()
    lamp = company.base.items["LAMP-DESK"]
    type(lamp).objects.filter(pk=lamp.pk).update(safety_stock_milli=30_000)
    east = Site.objects.create(code="EAST", name="East")
    StockOnHand.objects.create(item=lamp, site=company.base.site, as_of=date(2013, 12, 31), quantity=5_000)
    Sourcing.objects.create(market=company.base.markets["NORTH/DIRECT"], site=east)
    demand(company, {("LAMP-DESK", "NORTH/DIRECT"): FLAT})
    solve(company)
    made = load_production(company.plan)
    at_east = (made.item_ids == lamp.pk) & (made.site_ids == east.pk)
    assert (made.inventory[at_east] == 30_000).all()


def test_blocks_take_one_query_each(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    company = supply_company()
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): FLAT})
    solve(company)
    for load, queries in ((load_constrained, 1), (load_production, 1), (load_loads, 1), (load_supply_costs, 2)):
        with django_assert_num_queries(queries):
            load(company.plan)
