"""Lots and order minimums from their files and settings into the plan, its result and its page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from cycles.models import Run
from supply.frames import load_production
from supply.models import ProductionLot, PurchaseTerm, SupplySeries
from supply.sections import supply_problems
from supply.selectors import supply_state
from tests.kept import fresh, kept
from tests.supply.company import SupplyCompany, demand, open_supply_stage, solve, supply_company
from tests.supply.services.test_supply_datasets import load

pytestmark = pytest.mark.django_db
LOT, MINIMUM = 16, 100


def _company() -> SupplyCompany:
    """30 oak chairs a month for six months, 20 in stock; lots of 16; kits come in orders of at least 100."""
    company = supply_company()
    PurchaseTerm.objects.create(
        item=company.kit, supplier=company.supplier, lead_time_days=0, price=Decimal(28), currency_id="USD",
        uom=company.kit.uom, minimum_order_milli=MINIMUM * 1000,
    )  # fmt: skip
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): [30.0] * 6})
    open_supply_stage(company)
    load(company, "production_lots", f"sku,lot\nCHAIR-OAK,{LOT}\n")
    return company


company_once = kept(_company)


@pytest.fixture
def company(company_once: SupplyCompany) -> SupplyCompany:
    return fresh(company_once)


def with_lots(company: SupplyCompany, mode: str) -> Run:
    load(company, "supply_policy", f"setting,value\norder_lots,{mode}\nlots_gap,0\nlots_seconds,20\n")
    return solve(company)


def made_and_bought(company: SupplyCompany) -> tuple[list[int], list[int]]:
    made = load_production(company.plan)
    rows = made.item_ids.tolist()
    chair, kit = rows.index(company.base.items["CHAIR-OAK"].pk), rows.index(company.kit.pk)
    return (made.make + made.overtime)[chair].tolist(), made.buy[kit].tolist()


def test_by_default_files_with_minimums_and_lots_change_nothing(company: SupplyCompany) -> None:
    run = solve(company)
    made, bought = made_and_bought(company)
    assert sum(made) == sum(bought) == (6 * 30 - 20) * 1000 and made[0] == 10_000
    assert run.result["lots"] is None


def test_in_whole_numbers_the_plan_keeps_both_and_says_its_gap(client: Client, company: SupplyCompany) -> None:
    run = with_lots(company, "whole")
    made, bought = made_and_bought(company)
    assert all(units % (LOT * 1000) == 0 for units in made) and sum(made) >= (6 * 30 - 20) * 1000
    assert all(units == 0 or units >= MINIMUM * 1000 for units in bought) and sum(bought) >= sum(made)
    assert (run.result["lots"]["state"], run.result["lots"]["gap"]) == ("solved", 0)
    assert sum(run.result["cost_lines"].values()) == pytest.approx(run.result["objective"], abs=0.1)
    assert not list(supply_problems())
    client.force_login(company.cast.viewer)
    assert "Solved in whole lots" in client.get("/supply/2014-01/").content.decode()


def test_rounded_purchases_keep_the_minimum_and_tell_what_is_left(client: Client, company: SupplyCompany) -> None:
    """160 kits: 100, and 100 again when 100 do not last; 40 at the standard of 30 stay."""
    run = with_lots(company, "rounded")
    made, bought = made_and_bought(company)
    assert sum(made) == (6 * 30 - 20) * 1000, "production is in any quantity"
    assert sorted(bought) == [0, 0, 0, 0, 100_000, 100_000]
    assert run.result["lots"]["extra_cents"] == (200 - 160) * 30_00
    assert not list(supply_problems()) and (SupplySeries.objects.get(item=company.kit).inventory[-1]) == 40_000
    client.force_login(company.cast.viewer)
    assert "rounded up to order minimums" in client.get("/supply/2014-01/").content.decode()


def test_a_minimum_in_another_unit_is_none(company: SupplyCompany) -> None:
    PurchaseTerm.objects.update(uom="CS")
    with_lots(company, "whole")
    assert min(units for units in made_and_bought(company)[1] if units) < MINIMUM * 1000


def test_what_cannot_be_is_refused_with_its_row(company: SupplyCompany) -> None:
    bought = load(company, "production_lots", "sku,lot\nKIT,10\nCHAIR-PINE,0\n")
    assert [fault["column"] for fault in bought.faults] == ["sku", "lot"]
    wrong = load(company, "supply_policy", "setting,value\norder_lots,some\nlots_seconds,0\nlots_gap,2\n")
    assert [fault["row"] for fault in wrong.faults] and len(wrong.faults) == 3
    assert ProductionLot.objects.get().quantity == LOT * 1000 and supply_state(company.plan).run is None
