"""Policy, priorities and subcontract terms from their files into the published plan."""

from __future__ import annotations

import numpy as np
import pytest

from supply.frames import load_constrained, load_production, load_supply_costs
from supply.models import SubcontractTerm, SupplySetting
from supply.selectors import supply_state
from tests.supply.company import SupplyCompany, demand, solve, supply_company
from tests.supply.services.test_supply_datasets import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> SupplyCompany:
    """310 h and 25 % overtime in January make 387 chairs, 20 are in stock; 1,000 are asked for, half by each market."""
    company = supply_company()
    first = [500.0, 0, 0, 0, 0, 0]
    demand(company, {("CHAIR-OAK", "NORTH/DIRECT"): first, ("CHAIR-OAK", "SOUTH/DEALER"): first})
    return company


def test_by_priority_the_first_market_gets_all_there_is_and_the_plan_was_behind(company: SupplyCompany) -> None:
    solve(company)
    fair = load_constrained(company.plan)
    load(company, "supply_policy", "setting,value\nallocation,priority\n")
    load(company, "market_priorities", "market,channel,priority\nSOUTH,,1\nNORTH,,2\n")
    assert not supply_state(company.plan).is_current
    solve(company)
    ranked = load_constrained(company.plan)
    south = ranked.market_ids.tolist().index(company.base.markets["SOUTH/DEALER"].pk)
    assert ranked.ship[south, 0] == min(500_000, int(fair.ship.sum()))
    assert ranked.ship.sum() == fair.ship.sum(), "the policy moves units, it makes none"
    assert np.array_equal(ranked.ship + ranked.short, fair.ship + fair.short)


def test_subcontracted_units_fill_the_gap_up_to_their_limit_at_their_premium(company: SupplyCompany) -> None:
    """100 a month may come from outside at 5 over the standard: 387 + 20 + 100 are shipped."""
    solve(company)
    before = int(load_constrained(company.plan).ship.sum())
    chair = company.base.items["CHAIR-OAK"]
    cost = chair.standard_costs.get().total + 5
    load(company, "subcontracting", f"sku,site,cost_per_unit,monthly_limit\nCHAIR-OAK,,{cost},100\n")
    solve(company)
    made = load_production(company.plan)
    row = made.item_ids.tolist().index(chair.pk)
    assert made.subcontract[row, 0] == 100_000 and made.buy[row, 0] == 100_000
    assert load_constrained(company.plan).ship.sum() == before + 100_000
    assert load_supply_costs(company.plan).subcontract_cents[row, 0] == 100 * 5 * 100


def test_what_cannot_be_is_refused_with_its_row(company: SupplyCompany) -> None:
    wrong = load(company, "supply_policy", "setting,value\nallocation,loudest\n")
    assert wrong.faults[0]["column"] == "value" and "fair_share" in wrong.faults[0]["reason"]
    bought = load(company, "subcontracting", "sku,site,cost_per_unit,monthly_limit\nLAMP-DESK,,5,\n")
    assert bought.faults[0]["column"] == "sku"
    assert not SupplySetting.objects.exists() and not SubcontractTerm.objects.exists()
