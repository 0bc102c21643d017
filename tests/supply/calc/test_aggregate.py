"""Red Tomato Tools (Chopra & Meindl, Supply Chain Management, aggregate planning)."""

import numpy as np
import pytest

from supply.calc.aggregate import AggregatePlanError, AggregateTerms, aggregate_plan

DEMAND = np.array([1600.0, 3000.0, 3200.0, 3800.0, 2200.0, 2200.0])
TERMS = AggregateTerms(
    material=10,
    subcontract=30,
    holding=2,
    backlog=5,
    hire=300,
    release=500,
    wage=4 * 160,
    overtime=6,
    hours_per_unit=4,
    regular_hours=160,
    overtime_hours=10,
    opening_workers=80,
    opening_inventory=1000,
    closing_inventory=500,
)


def test_fractional_workers_cost_422275() -> None:
    assert aggregate_plan(DEMAND, TERMS).cost == pytest.approx(422_275, abs=0.5)


def test_whole_workers_cost_422660() -> None:
    plan = aggregate_plan(DEMAND, TERMS, whole_workers=True)
    assert plan.cost == pytest.approx(422_660, abs=0.5)
    assert np.allclose(plan.series["workforce"], np.rint(plan.series["workforce"]))


@pytest.mark.parametrize(("whole", "profit"), [(False, 217_725), (True, 217_340)])
def test_profit_at_a_price_of_40(whole: bool, profit: float) -> None:
    assert 40 * DEMAND.sum() - aggregate_plan(DEMAND, TERMS, whole_workers=whole).cost == pytest.approx(profit, abs=0.5)


def test_stock_balances_and_nothing_is_late_at_the_end() -> None:
    series = aggregate_plan(DEMAND, TERMS).series
    net = series["inventory"] - series["backlog"]
    made = series["made"] + series["subcontracted"]
    assert np.allclose(net, TERMS.opening_inventory + np.cumsum(made - DEMAND))
    assert series["backlog"][-1] == pytest.approx(0)
    assert series["inventory"][-1] >= 500 - 1e-6


def test_terms_without_a_plan_are_refused() -> None:
    impossible = AggregateTerms(**{**TERMS.__dict__, "closing_inventory": float("inf")})
    with pytest.raises(AggregatePlanError):
        aggregate_plan(DEMAND, impossible)
