"""What a company asks of its stock, from its files into the published plan, its dollars and the inventory page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.db.models.functions import Now
from django.test import Client

from catalog.models import Item
from cycles.models import Cycle, Plan, Stage
from cycles.selectors import scope_of
from cycles.services.runs import execute_run
from finance.frames.landing_inputs import load_units
from supply.frames import load_constrained, load_production
from supply.frames.results import load_stock_aims
from supply.models import ProductionActual, ShipSeries, Shortage, StockOnHand, StorageLoad
from supply.sections import delivery_problems, supply_problems, supply_rows
from supply.selectors import supply_state
from supply.services.cost_lines import cost_of
from supply.services.inventory import inventory_of
from supply.services.plan import request_supply_plan
from supply.services.stock_terms import terms_of
from tests.kept import fresh, kept
from tests.supply.company import HORIZON, SupplyCompany, demand, solve, supply_company
from tests.supply.services.test_supply_datasets import CENTRES, load

pytestmark = pytest.mark.django_db

RULES = "sku,family,abc_class,least_days,most_days,shelf_life_days,storage_per_unit\n"
NORTH, SOUTH = "NORTH/DIRECT", "SOUTH/DEALER"
FLAT = [31.0, 28.0, 31.0, 30.0, 31.0, 30.0]
"""One unit for every day of January to June 2014."""

company_once = kept(supply_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def row(company: SupplyCompany, code: str) -> int:
    return load_production(company.plan).item_ids.tolist().index(Item.objects.get(code=code).pk)


def lines(company: SupplyCompany) -> dict[str, float]:
    return dict((supply_state(company.plan).run or pytest.fail("not solved")).result["cost_lines"])


def test_days_of_supply_are_kept_and_shown_and_nothing_moves_without_a_rule(company: SupplyCompany) -> None:
    """A unit a day: 14 days are 14 units at the end of every month; the page's band starts where the plan's target is."""
    demand(company, {("LAMP-DESK", NORTH): FLAT})
    solve(company)
    lamp = row(company, "LAMP-DESK")
    assert not load_production(company.plan).inventory[lamp].any()
    load(company, "stock_rules", RULES + "LAMP-DESK,,,14,40,,\n")
    assert not supply_state(company.plan).is_current
    solve(company)
    made, aims = load_production(company.plan), load_stock_aims(company.plan)
    assert aims.target[lamp].tolist() == made.inventory[lamp].tolist() == [14_000] * HORIZON
    shown = next(
        item for item in inventory_of(company.plan, scope_of(company.cast.viewer)).items if item.code == "LAMP-DESK"
    )
    assert (shown.least, shown.most, shown.status) == (14_000, 40_000, "below")
    months = inventory_of(company.plan, scope_of(company.cast.viewer)).months
    assert [month.least for month in months] == [14 * 22_00] * (HORIZON + 1)


def test_class_rules_reach_the_plan_by_revenue_and_by_use(company: SupplyCompany) -> None:
    """Nothing was sold yet: every sold item is C. The kit is the only component: it is used for all the value, A."""
    demand(company, {("CHAIR-OAK", NORTH): [20.0, *FLAT[1:]]})
    load(company, "stock_rules", RULES + ",,A,14,,,\n")
    solve(company)
    aims = load_stock_aims(company.plan)
    assert (aims.target[row(company, "KIT")] > 0).all() and not aims.target[row(company, "CHAIR-OAK")].any()


def test_opening_stock_that_expires_is_named_with_units_dollars_and_month(company: SupplyCompany) -> None:
    """100 lamps at the opening, 10 a month, 90 days: 30 are used by March and 10 in April; 60 have expired by then.

    60 of them were made in December: half of the rest is older, so the lots of unknown age are gone before.
    """
    lamp, site = company.base.items["LAMP-DESK"], company.base.site
    StockOnHand.objects.create(item=lamp, site=site, as_of=date(2013, 12, 31), quantity=100_000)
    demand(company, {("LAMP-DESK", NORTH): [10.0] * HORIZON})
    load(company, "stock_rules", RULES + "LAMP-DESK,,,,,90,\n")
    solve(company)
    at = row(company, "LAMP-DESK")
    assert load_stock_aims(company.plan).expired[at].tolist() == [0, 0, 0, 60_000, 0, 0]
    stock = load_production(company.plan).inventory[at]
    assert stock.tolist() == [90_000, 80_000, 70_000, 60_000, 60_000, 60_000], "it stands there until it is scrapped"
    assert list(supply_problems()) == list(delivery_problems()) == []
    found = inventory_of(company.plan, scope_of(company.cast.viewer))
    assert [(e.code, e.month, e.units, e.cents) for e in found.expiries] == [
        ("LAMP-DESK", date(2014, 4, 1), 60_000, 60 * 22_00)
    ]
    assert lines(company)["expired"] > 60 * 22
    ProductionActual.objects.create(item=lamp, site=site, month=date(2013, 12, 1), good_milli=60_000)
    solve(replace(company, plan=company.plan))


def test_room_is_kept_and_its_price_stands_on_the_page(company: SupplyCompany, client: Client) -> None:
    """14 lamps of half a pallet each need 7 places, 5 are there: 2 outside at 0.40 cost less than missing lamps."""
    demand(company, {("LAMP-DESK", NORTH): FLAT})
    load(company, "stock_rules", RULES + "LAMP-DESK,,,14,,,0.5\n")
    load(company, "storage_limits", "site,room,outside_cost\n,5,0.40\n")
    solve(company)
    taken = StorageLoad.objects.get(plan=company.plan)
    assert taken.used == [7_000] * HORIZON and taken.outside == [2_000] * HORIZON
    assert set(taken.price_low) == set(taken.price_high) == {40}
    assert lines(company)["outside_storage"] == pytest.approx(2 * 0.40 * HORIZON)
    client.force_login(company.cast.viewer)
    text = client.get("/supply/2014-01/inventory/").content.decode()
    assert "One more is worth" in text and "0.40" in text
    assert ("storage", "MAIN") in [each.key for each in supply_rows(company.plan)]
    cost = cost_of(company.plan)
    assert cost is not None and any(str(line.label) == "Storage outside" for line in cost.lines)
    refused = load(company, "storage_limits", "site,room,outside_cost\n,5,0\n")
    assert refused.status == "refused" and refused.faults[0]["column"] == "outside_cost"
    load(company, "storage_limits", "site,room,outside_cost\n,5,\n")
    solve(company)
    assert load_production(company.plan).inventory[row(company, "LAMP-DESK")].tolist() == [10_000] * HORIZON


def test_late_units_ship_later_and_the_dollars_follow_the_shipment(company: SupplyCompany, client: Client) -> None:
    """310 h and a quarter of overtime make 387 chairs in January, 20 are in stock; 500 are asked for, and none later."""
    load(company, "supply_policy", "setting,value\nunmet_demand,backlog\nbacklog_cost_per_month,0.01\n")
    demand(company, {("CHAIR-OAK", NORTH): [300.0, 0, 0, 0, 0, 0], ("CHAIR-OAK", SOUTH): [200.0, 0, 0, 0, 0, 0]})
    solve(company)
    sent = load_constrained(company.plan)
    assert sent.ship.sum() == 500_000 and not sent.lost.any() and not Shortage.objects.exists()
    assert sent.late[:, 0].sum() == sent.short[:, 0].sum() == sent.ship[:, 1].sum() == -sent.short[:, 1].sum() > 90_000
    assert not sent.late[:, 1:].any()
    assert list(delivery_problems()) == []
    client.force_login(company.cast.supply_planner)
    text = client.get("/supply/2014-01/").content.decode()
    assert "Late deliveries" in text and "waits up to 3 months at 1.0" in text and "CHAIR-OAK" in text
    ShipSeries.objects.filter(plan=company.plan).update(late=[1] * HORIZON)
    assert {problem.where.split(" item ")[0] for problem in delivery_problems()} == {"supply_shipseries plan 2014-01"}
    units, matches = load_units(company.plan)
    assert matches and np.array_equal(units.shipped, sent.ship) and units.wanted.sum() == units.shipped.sum()
    load(company, "supply_policy", "setting,value\nunmet_demand,backlog\nbacklog_months,0\n")
    solve(company)
    assert load_constrained(company.plan).lost.sum() == Shortage.objects.get().quantity > 90_000
    wrong = load(company, "supply_policy", "setting,value\nunmet_demand,maybe\nfrozen_months,1.5\n")
    assert [fault["value"] for fault in wrong.faults] == ["maybe", "1.5"]


def _next_plan(company: SupplyCompany) -> SupplyCompany:
    signed = {"submitted_by": company.cast.supply_planner, "approved_by": company.cast.finance}
    Stage.objects.filter(plan=company.plan).update(status="approved", submitted_at=Now(), approved_at=Now(), **signed)
    cycle = Cycle.objects.create(month=date(2014, 2, 1), opened_by=company.cast.demand_planner)
    plan = Plan.objects.create(
        cycle=cycle, number="2014-02", first_month=cycle.month, horizon=HORIZON, previous=company.plan
    )
    return replace(company, plan=plan)


def test_frozen_months_are_those_of_the_approved_plan_and_an_impossible_one_names_its_row(
    company: SupplyCompany,
) -> None:
    """Approved for February: 100 chairs and 100 kits; now 10 are asked for. One frozen month makes and buys 100 still."""
    demand(company, {("CHAIR-OAK", NORTH): [100.0] * HORIZON})
    solve(company)
    approved = load_production(company.plan)
    later = _next_plan(company)
    StockOnHand.objects.create(item=company.kit, site=company.base.site, as_of=date(2014, 1, 31), quantity=0)
    demand(later, {("CHAIR-OAK", NORTH): [10.0] * HORIZON})
    load(later, "supply_policy", "setting,value\nfrozen_months,1\n")
    solve(later)
    terms = terms_of(later.plan)
    assert terms is not None and (terms.frozen_months, terms.frozen_as) == (1, "2014-01")
    now, chair, kit = load_production(later.plan), row(company, "CHAIR-OAK"), row(company, "KIT")
    assert (
        (now.make + now.overtime)[row(later, "CHAIR-OAK"), 0] == (approved.make + approved.overtime)[chair, 1] > 90_000
    )
    assert now.buy[row(later, "KIT"), 0] == approved.buy[kit, 1]
    assert (now.make + now.overtime)[row(later, "CHAIR-OAK"), 1:].sum() == 0, "enough is there for the rest"
    load(later, "work_centres", CENTRES + "WOOD,Wood shop,20,USD,1,Y\n")
    run = execute_run(request_supply_plan(plan=later.plan, actor=company.cast.supply_planner).pk)
    assert "hours of WOOD in 2014-02" in run.message
    assert "frozen production of CHAIR-OAK in 2014-02" in run.message and "frozen_months" in run.message
