"""The ways out of a shortage: what each would put into the ledger, and the plan it leads to."""

from dataclasses import replace

import numpy as np
import pytest

from supply.calc.capacity import RoutingLines
from supply.calc.demand_groups import Lane, demand_groups
from supply.calc.option_prices import NOTHING, PricedOption, present_plan, price_shortage
from supply.calc.options import TOO_DEAR, Entry, OptionKind, with_entries
from supply.calc.plan_lp import solve_plan
from supply.calc.plan_money import Rates
from supply.calc.problem import Centres, SupplyProblem
from tests.supply.calc.problems import simple_problem

PRICE, STANDARD = 100, 10


def priced(problem: SupplyProblem, node: int) -> dict[OptionKind, PricedOption]:
    """Options of one item; every item sells at 100 and costs 10 in one market."""
    demand = problem.groups.quantity
    items = np.arange(len(demand))
    lanes = [(Lane(node=row, share=None, rank=0, freight=0.0),) for row in items.tolist()]
    grouped = demand_groups(demand, items, lanes, dict(enumerate(problem.nodes.labels)))
    standard = np.full(demand.shape, STANDARD * 10_000)
    rates = Rates(np.full(demand.shape, PRICE * 10_000), np.full(demand.shape, 1_000_000), standard, standard)
    present = present_plan(replace(problem, groups=grouped.groups), grouped, rates)
    return {option.way.kind: option for option in price_shortage(present, np.array([node]))}


@pytest.fixture(scope="module")
def second_month() -> dict[OptionKind, PricedOption]:
    """A asks for 60 and 130, B for 40 in M1; 100 hours and 10 of overtime a month.

    M1 has 110 − 60 − 40 = 10 hours left, which build ahead; M2 makes 110: 10 of A are short, and a little for rounding.
    """
    return priced(simple_problem([[60.0, 130.0], [40.0, 0.0]], [100.0, 100.0], overtime=0.1), 0)


def test_extra_hours_are_asked_for_where_the_centre_is_full(second_month: dict[OptionKind, PricedOption]) -> None:
    """10 units of one hour and the reserve, rounded up to whole hours."""
    assert second_month[OptionKind.OVERTIME].way.entries == (Entry("extra_shift", 0, 1, 11_000),)


def test_extra_hours_serve_the_missing_units_at_their_premium(second_month: dict[OptionKind, PricedOption]) -> None:
    """10 units (and the rounding's reserve) at 100 − 10 each, less 6 of premium an hour.

    The hours are whole: what is left of the last one is built in M2 instead of M1, less than one unit of stock.
    """
    change = second_month[OptionKind.OVERTIME].change
    assert change is not None
    units = -change.short / 1000
    assert units == pytest.approx(10, abs=0.1)
    assert change.revenue == pytest.approx(units * PRICE * 100)
    assert change.margin == pytest.approx(units * (PRICE - STANDARD - 6) * 100, abs=100)
    assert change.cash == change.margin
    assert -1 * STANDARD * 100 <= change.inventory <= 0
    assert change.service == pytest.approx(10_000 * units / 230, abs=1)


def test_subcontract_pays_up_to_the_margin_of_a_unit(second_month: dict[OptionKind, PricedOption]) -> None:
    option = second_month[OptionKind.SUBCONTRACT]
    assert option.way.entries[0].kind == "subcontract"
    assert option.break_even == pytest.approx((PRICE - STANDARD) * 100, rel=0.01)


def test_what_is_not_possible_says_why(second_month: dict[OptionKind, PricedOption]) -> None:
    assert "hours of every month before are taken" in second_month[OptionKind.PREBUILD].way.reason
    assert "No other site" in second_month[OptionKind.OTHER_SITE].way.reason
    decline = second_month[OptionKind.DECLINE]
    assert (decline.way.entries, decline.change) == ((), NOTHING)


def test_what_keeping_makes_too_dear_can_be_built_ahead() -> None:
    """40 idle hours in M1 and 20 units short in M2, because keeping one costs more (200) than missing it (100).

    Pinned, they are made: revenue 20 × 100, margin 20 × 90 of the books, which have no 200 for keeping.
    """
    problem = simple_problem([[60.0, 120.0]], [100.0, 100.0])
    dear = replace(problem, costs=replace(problem.costs, holding=np.full((1, 2), 200.0)))
    option = priced(dear, 0)[OptionKind.PREBUILD]
    assert option.change is not None
    units = -option.change.short / 1000
    assert units == pytest.approx(20, abs=0.1)
    assert option.change.margin == pytest.approx(units * 90 * 100)
    assert option.change.inventory == pytest.approx(units * STANDARD * 100)
    assert option.change.inventory_month == 0
    assert {entry.kind for entry in option.way.entries} == {"make"}


def test_another_site_works_the_extra_hours() -> None:
    """A can be made at two places, each with its own centre of 50 hours; 130 are asked for: 30 short at either."""
    problem = simple_problem([[130.0], [0.0]], [50.0])
    groups = replace(
        problem.groups,
        lane_group=np.array([0, 0, 1]),
        lane_node=np.array([0, 1, 1]),
        lane_rank=np.array([0, 1, 0]),
    )
    two = replace(
        problem,
        groups=groups,
        freight=np.zeros(3),
        costs=replace(problem.costs, freight=np.zeros(3), overtime=np.full((2, 1), 6.0)),
        routing=RoutingLines(np.array([0, 1]), np.array([0, 1]), np.ones(2)),
        centres=Centres(("W", "V"), np.full((2, 1), 50.0), np.zeros((2, 1))),
    )
    lanes = [(Lane(0, None, 0, 0.0), Lane(1, None, 1, 0.0))]
    grouped = demand_groups(two.groups.quantity[:1], np.array([0]), lanes, {0: "A"})
    standard = np.full((2, 1), STANDARD * 10_000)
    rates = Rates(np.full((1, 1), PRICE * 10_000), np.full((1, 1), 1_000_000), standard[:1], standard)
    both = replace(
        two,
        groups=grouped.groups,
        freight=np.zeros(2),
        costs=replace(two.costs, freight=np.zeros(2), shortage=np.full((1, 1), 100.0)),
    )
    options = {row.way.kind: row for row in price_shortage(present_plan(both, grouped, rates), np.array([0, 1]))}
    (entry,) = options[OptionKind.OTHER_SITE].way.entries
    assert (entry.kind, entry.subject) == ("extra_shift", 1)
    change = options[OptionKind.OTHER_SITE].change
    assert change is not None and change.short == pytest.approx(-30_000, abs=200)


def test_the_entries_are_the_plan_that_they_were_priced_at() -> None:
    """Priced from the kept basis and solved from nothing: the same cost."""
    problem = simple_problem([[60.0, 130.0], [40.0, 0.0]], [100.0, 100.0], overtime=0.1)
    changed = with_entries(problem, [Entry("extra_shift", 0, 1, 11_000), Entry("make", 1, 0, 30_000)])
    warm = solve_plan(changed, basis=solve_plan(problem).solver.getBasis())
    assert warm.plan.cost == pytest.approx(solve_plan(changed).plan.cost)
    assert warm.plan.make[1, 0] == 30


def test_a_second_pin_on_the_same_month_takes_the_place_of_the_first() -> None:
    problem = with_entries(simple_problem([[60.0, 130.0]], [100.0, 100.0]), [Entry("make", 0, 0, 30_000)])
    again = with_entries(problem, [Entry("make", 0, 0, 50_000)])
    assert (again.pins.kind, again.pins.quantity.tolist()) == (("make",), [50_000])


def test_overtime_that_costs_more_than_it_earns_is_said_to() -> None:
    """An hour of overtime costs 200, a missing unit loses 100: 30 are short though overtime is there."""
    problem = simple_problem([[130.0]], [100.0], overtime=0.5)
    dear = replace(problem, costs=replace(problem.costs, overtime=np.full((1, 1), 200.0)))
    assert priced(dear, 0)[OptionKind.OVERTIME].way.reason == TOO_DEAR
