"""Aggregate planning problems of textbooks, solved through the document form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supply.calc.explosion import CircularBillOfMaterialsError
from supply.calc.outside.answer import answer
from supply.calc.outside.fields import ProblemFormError
from supply.calc.plan_lp import InfeasiblePlanError, UnsolvedPlanError
from tests.supply.calc.outside_problems import BOTTLENECK, RED_TOMATO, TWO_PRODUCTS, changed

CENT = 0.01


@pytest.mark.parametrize(("whole", "cost", "profit"), [(False, 422_275, 217_725), (True, 422_660, 217_340)])
def test_red_tomato(whole: bool, cost: float, profit: float) -> None:
    found = answer(RED_TOMATO, whole=whole)
    assert found["cost"] == pytest.approx(cost, abs=CENT)
    assert found["profit"] == pytest.approx(profit, abs=CENT)
    heads = np.array(found["workforce"][0]["heads"])
    assert np.allclose(heads, np.rint(heads), atol=1e-6) == whole


def test_red_tomato_rolls_its_stock_and_ends_with_nothing_late() -> None:
    tool = {name: np.array(value) for name, value in answer(RED_TOMATO)["items"][0].items() if name != "name"}
    arrived, demand = tool["make"] + tool["subcontract"], np.array(RED_TOMATO["items"][0]["demand"])
    assert np.allclose(tool["stock"] - tool["backlog"], 1000 + np.cumsum(arrived - demand))
    assert tool["backlog"][-1] == 0 and tool["stock"][-1] >= 500 - 1e-6
    assert (tool["declined"] == 0).all()


def test_lines_are_quantities_times_rates() -> None:
    found = answer(RED_TOMATO)
    tool, pool = found["items"][0], found["workforce"][0]
    assert found["cost_lines"]["material"] == pytest.approx(10 * sum(tool["make"]), abs=CENT)
    assert found["cost_lines"]["wages"] == pytest.approx(4 * 160 * sum(pool["heads"]), abs=CENT)
    assert found["cost"] == pytest.approx(sum(found["cost_lines"].values()), abs=CENT)


def test_an_hour_of_two_products_is_worth_half_a_dollar() -> None:
    """y fills its market: 600 · 10 = 6,000 h; the other 5,000 h make 625 x. An hour makes 1/8 x, worth 4/8.

    With fewer than 6,000 hours y itself would be short; more hours go on making x for ever.
    """
    found = answer(TWO_PRODUCTS)
    assert [item["make"] for item in found["items"]] == [[625.0], [600.0]]
    assert found["profit"] == 625 * 4 + 600 * 8
    assert found["resources"][0]["hour_value"] == [
        {"one_more": 4 / 8, "one_less": 4 / 8, "valid_from": 600 * 10.0, "valid_to": None}
    ]


def test_the_bottleneck_is_worth_120_an_hour() -> None:
    """P earns 45 in a quarter of an hour, 180 an hour; Q 60 in half, 120 an hour: P first, 25 h; 15 h make 30 Q.

    The price of Q's hours holds from the 25 h of P to the 25 + 25 h that serve both markets.
    """
    found = answer(BOTTLENECK)
    assert [item["make"] for item in found["items"]] == [[100.0], [30.0]]
    assert found["profit"] == pytest.approx(100 * 45 + 30 * 60 - 6000)
    hour = found["resources"][0]["hour_value"][0]
    assert hour == {"one_more": 120.0, "one_less": 120.0, "valid_from": 25.0, "valid_to": 50.0}


def test_making_what_earns_most_per_unit_loses_money() -> None:
    """Q first: 50 · 0.5 = 25 h, then 15 h make 60 P: 50 · 60 + 60 · 45 − 6,000 < 0 < 300."""
    pinned = changed(BOTTLENECK, "items.1.pins", [{"period": "Week", "make": 50}])
    assert answer(pinned)["profit"] == pytest.approx(50 * 60 + 60 * 45 - 6000)


def test_a_degenerate_hour_has_two_prices() -> None:
    """Exactly 25 h: one more goes to Q (60 / 0.5), one less is taken from P (45 / 0.25)."""
    hour = answer(changed(BOTTLENECK, "resources.0.hours", 25))["resources"][0]["hour_value"][0]
    assert (hour["one_more"], hour["one_less"]) == (60 / 0.5, 45 / 0.25)


def test_regular_time_overtime_subcontract_by_the_transportation_method() -> None:
    """Units of capacity as hours: 1 regular at 40, overtime at 50, subcontract at 70, a unit kept costs 2.

    March to May ask 800, 1,000, 750; 100 on hand; regular 700, overtime 50, subcontract 150, 150, 130.
    March: 100 on hand + 700 regular = the 800; its 50 overtime (50 + 2) and April's 700 regular, 50 overtime, 150
    subcontracted make 950 for April's 1,000, and 50 more come from March's subcontract at 70 + 2; May: 700 and 50.
    """
    capacity = {"rate": 40, "overtime_limit": 50, "overtime_rate": 50}
    problem = {
        "periods": ["Mar", "Apr", "May"],
        "resources": [{"name": "Plant", "hours": 700, **capacity}],
        "items": [
            {"name": "Tire", "demand": [800, 1000, 750], "opening_stock": 100, "holding": 2, "hours": 1,
             "subcontract": 70, "subcontract_limit": [150, 150, 130]}
        ],
    }  # fmt: skip
    regular, overtime, outside = 700 * 40 * 3, 50 * 50 * 3, (150 + 50) * 70
    assert answer(problem)["cost"] == pytest.approx(regular + overtime + outside + (50 + 50) * 2)


def test_holding_on_average_stock() -> None:
    """10 at the start, 10 asked in the second period: mean stock 10 and 5, at 2 each."""
    problem = {
        "periods": 2,
        "holding_on": "average",
        "items": [{"name": "A", "demand": [0, 10], "opening_stock": 10, "holding": 2}],
    }
    assert answer(problem)["cost"] == 2 * (10 + 10) / 2 + 2 * (10 + 0) / 2


def test_whole_lots_are_rounded_up_when_demand_must_be_met() -> None:
    problem = {"periods": 1, "items": [{"name": "A", "demand": 25, "material": 1, "lot": 10}]}
    assert answer(problem)["items"][0]["make"] == [25.0]
    assert answer(problem, whole=True)["items"][0]["make"] == [30.0]


def test_components_load_the_resource_of_their_parent() -> None:
    """One table needs four legs of a quarter hour and an hour itself: 2 h each of 100."""
    problem = {
        "periods": 1,
        "resources": [{"name": "Saw", "hours": 100}],
        "items": [
            {"name": "Table", "price": 10, "demand": 80, "lost_sale": 0, "hours": 1, "components": {"Leg": 4}},
            {"name": "Leg", "demand": 0, "hours": 0.25},
        ],
    }
    assert [item["make"] for item in answer(problem)["items"]] == [[50.0], [200.0]]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (changed(RED_TOMATO, "items.0.demand", [1, 2]), "problem.items[0].demand: [1, 2] has 2 values for 6 periods"),
        (changed(TWO_PRODUCTS, "resources.0.hours", -5), "problem.resources[0].hours: -5 is negative"),
        (changed(RED_TOMATO, "items.0.materials", 1), "problem.items[0].materials: 1 is no field of the form"),
        (changed(RED_TOMATO, "workforce.hire", "300"), "problem.workforce[0].hire: '300' is not a number"),
        (changed(BOTTLENECK, "items.0.hours", {"C": 1}), "problem.items[0].hours: 'C' is no resource"),
        (changed(BOTTLENECK, "items.1.name", "P"), "problem.items: 'P' is there twice"),
        (changed(BOTTLENECK, "items.1.pins", [{"period": "May", "make": 1}]), "pins[0].period: 'May' is no period"),
        (changed(BOTTLENECK, "items.1.components", {"R": 1}), "items.Q.components: 'R' is no item"),
        (changed(RED_TOMATO, "items.0.most_stock", 100), "is above most_stock"),
        (
            changed(changed(BOTTLENECK, "items.1.make_most", 40), "items.1.pins", [{"period": "Week", "make": 41}]),
            "problem.items[1].pins.Week: 41.0 is outside make_least and make_most",
        ),
        ({"periods": 1}, "problem.items: [] names no item"),
        ({"kind": "poetry"}, "problem.kind: 'poetry' is unknown"),
        ([], "problem: [] is not an object"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(problem: object, words: str) -> None:
    with pytest.raises(ProblemFormError) as refused:
        answer(problem)
    assert words in str(refused.value)


def test_pins_above_capacity_name_the_hours() -> None:
    pinned = changed(BOTTLENECK, "items.1.pins", [{"period": "Week", "make": 100}])
    with pytest.raises(InfeasiblePlanError) as refused:
        answer(pinned)
    assert refused.value.rows == ("hours of B in Week",)


def test_demand_that_must_be_met_and_cannot_names_what_conflicts() -> None:
    problem = {
        "periods": ["Q1"],
        "resources": [{"name": "Plant", "hours": 10}],
        "items": [{"name": "A", "demand": 11, "hours": 1}],
    }
    with pytest.raises(InfeasiblePlanError) as refused:
        answer(problem)
    assert len(refused.value.rows) == 1 and refused.value.rows[0].endswith("in Q1")


def test_an_item_that_contains_itself_is_refused() -> None:
    circle = changed(changed(BOTTLENECK, "items.0.components", {"Q": 1}), "items.1.components", {"P": 1})
    with pytest.raises(CircularBillOfMaterialsError):
        answer(circle)


def test_profit_without_limit_is_no_plan() -> None:
    with pytest.raises(UnsolvedPlanError):
        answer({"periods": 1, "items": [{"name": "A", "price": 1}]})


numbers = st.integers(0, 60)


@st.composite
def small_plants(draw: st.DrawFn) -> dict[str, Any]:
    """Two items on one resource with overtime over three periods; demand may be declined at a price."""
    items = [
        {
            "name": name,
            "demand": draw(st.lists(numbers, min_size=3, max_size=3)),
            "price": draw(st.integers(5, 50)),
            "lost_sale": draw(st.integers(0, 20)),
            "material": draw(st.integers(0, 10)),
            "holding": draw(st.integers(0, 4)),
            "opening_stock": draw(st.integers(0, 20)),
            "hours": draw(st.integers(1, 3)),
        }
        for name in ("A", "B")
    ]
    plant = {
        "name": "Plant",
        "hours": draw(st.lists(numbers, min_size=3, max_size=3)),
        "rate": draw(st.integers(0, 3)),
        "overtime_limit": draw(st.integers(0, 10)),
        "overtime_rate": draw(st.integers(3, 9)),
    }
    return {"periods": 3, "resources": [plant], "items": items}


@settings(max_examples=40, deadline=None)
@given(small_plants(), st.integers(0, 2))
def test_one_more_hour_is_worth_the_difference_that_it_makes(problem: dict[str, Any], period: int) -> None:
    hours = problem["resources"][0]["hours"]
    base, more = answer(problem), answer(changed(problem, f"resources.0.hours.{period}", hours[period] + 1))
    gained = more["profit"] - base["profit"]
    assert gained >= -1e-6, "relaxing a limit costs"
    assert base["resources"][0]["hour_value"][period]["one_more"] == pytest.approx(gained, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(small_plants())
def test_hours_are_kept_and_stock_rolls(problem: dict[str, Any]) -> None:
    found = answer(problem)
    plant = found["resources"][0]
    within = np.array(plant["regular_hours"]) + np.array(plant["overtime"])
    assert (np.array(plant["hours"]) <= within + 1e-6).all()
    for given_item, item in zip(problem["items"], found["items"], strict=True):
        delivered = np.array(item["delivered"])
        assert np.allclose(delivered + np.array(item["declined"]), given_item["demand"])
        rolled = given_item["opening_stock"] + np.cumsum(np.array(item["make"]) - delivered)
        assert np.allclose(item["stock"], rolled, atol=1e-6)


def test_two_plants_serve_three_markets_over_the_cheapest_lanes() -> None:
    """Plants of 100 and 150; markets of 80, 90, 60. Freight East 4, 6, 9; West 5, 3, 7.

    West's cheap lanes: 90 to B at 3, 60 to C at 7 fill its 150; East serves A: 80 at 4. Any swap costs more: a unit of
    A from West (+1) sends one of B (+3) or C (+2) from East.
    """
    problem = {
        "periods": 1,
        "items": [
            {"name": "East", "material": 10, "make_most": 100},
            {"name": "West", "material": 10, "make_most": 150},
        ],
        "markets": [
            {"name": "A", "demand": 80, "from": {"East": 4, "West": 5}},
            {"name": "B", "demand": 90, "from": {"East": 6, "West": 3}},
            {"name": "C", "demand": 60, "from": {"East": 9, "West": 7}},
        ],
    }
    found = answer(problem)
    assert found["cost_lines"]["freight"] == pytest.approx(80 * 4 + 90 * 3 + 60 * 7)
    assert found["cost"] == pytest.approx(230 * 10 + 80 * 4 + 90 * 3 + 60 * 7)
    assert [market["from"] for market in found["markets"]] == [
        {"East": [80.0], "West": [0.0]},
        {"East": [0.0], "West": [90.0]},
        {"East": [0.0], "West": [60.0]},
    ]
    assert [item["delivered"] for item in found["items"]] == [[80.0], [150.0]]


def test_a_market_takes_what_earns_most_and_declines_the_rest() -> None:
    """50 units for two markets of 40 at 20 and 18, freight 1 and 4: the first gets 40, the second 10."""
    problem = {
        "periods": 1,
        "items": [{"name": "A", "make_most": 50}],
        "markets": [
            {"name": "near", "demand": 40, "price": 20, "lost_sale": 0, "from": {"A": 1}},
            {"name": "far", "demand": 40, "price": 18, "lost_sale": 0, "from": {"A": 4}},
        ],
    }
    found = answer(problem)
    assert found["profit"] == pytest.approx(40 * (20 - 1) + 10 * (18 - 4))
    assert [market["declined"] for market in found["markets"]] == [[0.0], [30.0]]
    assert found["lost_revenue"] == pytest.approx(30 * 18)


def test_a_bought_component_comes_after_its_lead_within_its_limit() -> None:
    """Two screws in a hinge; 100 a period at 1 each, none in the first; 30 on hand: 15, then 50 + 50 hinges.

    Stock costs, so nothing is kept for the third period, in which 10 hinges are short as they would be in the second.
    """
    problem = {
        "periods": 3,
        "items": [
            {"name": "Hinge", "demand": [15, 50, 60], "price": 5, "lost_sale": 0, "components": {"Screw": 2}},
            {
                "name": "Screw",
                "opening_stock": 30,
                "holding": 1,
                "purchase": 1,
                "purchase_limit": 100,
                "purchase_lead": 1,
            },
        ],
    }
    found = answer(problem)
    hinge, screw = found["items"]
    assert hinge["delivered"] == [30 / 2, 100 / 2, 100 / 2]
    assert (screw["purchase"], screw["make"], screw["subcontract"]) == ([0, 100, 100], [0, 0, 0], [0, 0, 0])
    assert found["cost_lines"]["purchase"] == 200 * 1


def test_stock_that_nobody_asks_for_stays_and_costs() -> None:
    found = answer({"periods": 2, "items": [{"name": "A", "demand": 0, "opening_stock": 5, "holding": 3}]})
    assert (found["items"][0]["stock"], found["cost"]) == ([5.0, 5.0], 2 * 5 * 3)


@pytest.mark.parametrize(
    ("market", "words"),
    [
        ({"from": {"C": 1}}, "problem.markets[0].from: 'C' is no item"),
        ({"from": {}}, "names no item that serves it"),
        ({"from": {"P": 1}, "prise": 2}, "problem.markets[0].prise: 2 is no field"),
    ],
)
def test_what_is_wrong_with_a_market_is_told(market: dict[str, Any], words: str) -> None:
    with pytest.raises(ProblemFormError) as refused:
        answer({**BOTTLENECK, "markets": [{"name": "M", "demand": 1, **market}]})
    assert words in str(refused.value)
